"""Convolutional LSTMs: Keras's own.

They keep a CPU busy already. Over three shapes, a training step of ConvLSTM2D
took 1.03 to 1.14 times as long with the input convolution of all steps at once,
and 1.05 to 1.3 times with the gradient by hand, by TensorFlow's convolutions or
by XLA's (2.1 times with XLA's transposed ones).

Reference: Shi et al., Convolutional LSTM Network, 2015.
"""

from keras.layers import ConvLSTM1D as ConvLSTM1D
from keras.layers import ConvLSTM2D as ConvLSTM2D
from keras.layers import ConvLSTM3D as ConvLSTM3D
