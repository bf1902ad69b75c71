"""Convolutional LSTMs: Keras's own.

They keep a CPU busy already. With the input convolution of all steps at once,
a training step of ConvLSTM2D took 1.02 to 1.2 times as long, with the gradient
by hand 1.02 to 1.3 times, by Keras's convolutions or by XLA's.

Reference: Shi et al., Convolutional LSTM Network, 2015.
"""

from keras.layers import ConvLSTM1D as ConvLSTM1D
from keras.layers import ConvLSTM2D as ConvLSTM2D
from keras.layers import ConvLSTM3D as ConvLSTM3D
