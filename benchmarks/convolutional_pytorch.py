"""Times PyTorch's cells: called by benchmarks.convolutional_layers."""

import json
import os
import sys

import torch

from benchmarks import timing


class ConvRNN(torch.nn.Module):
    """Runs a cell over frames; one input convolution for all steps.

    Args:
      channels: those of the inputs.
      filters: channels of each state.
      size: height and width of the kernels, odd.
    """

    blocks = 4  # Of the input convolution, in units of the filters.
    recurrent_blocks = (4,)  # Of the convolutions of the states.
    state_count = 2

    def __init__(self, channels, filters, size):
        super().__init__()
        self.filters = filters

        def convolution(inputs, blocks, bias=False):
            return torch.nn.Conv2d(
                inputs, blocks * filters, size, padding="same", bias=bias
            )

        self.input = convolution(channels, self.blocks, bias=True)
        self.recurrent = torch.nn.ModuleList(
            convolution(filters, blocks) for blocks in self.recurrent_blocks
        )

    def forward(self, frames):
        """Returns the states h (batch, time, filters, rows, columns)."""
        batch, steps = frames.shape[:2]
        x = self.input(frames.flatten(0, 1)).unflatten(0, (batch, steps))
        zeros = x.new_zeros(batch, self.filters, *x.shape[3:])
        states, outputs = [zeros] * self.state_count, []
        for step in range(steps):
            states = self.step(x[:, step], *states)
            outputs.append(states[0])
        return torch.stack(outputs, 1)


class ConvLSTM(ConvRNN):
    """See `layers.ConvLSTM2D`."""

    def step(self, x, h, c):
        """Returns the next states."""
        c, o = _remember(c, x + self.recurrent[0](h))
        return torch.sigmoid(o) * torch.tanh(c), c


class ConvGRU(ConvRNN):
    """See `layers.ConvGRU2D`."""

    blocks = 3
    recurrent_blocks = 2, 1
    state_count = 1

    def step(self, x, h):
        """Returns the next state."""
        gates, candidate = x.split([2 * self.filters, self.filters], 1)
        z, r = torch.sigmoid(gates + self.recurrent[0](h)).chunk(2, 1)
        n = torch.tanh(candidate + self.recurrent[1](r * h))
        return (h + z * (n - h),)


class SpatioTemporalLSTM(ConvRNN):
    """See `layers.SpatioTemporalLSTM2D`, with one level."""

    blocks = 7
    recurrent_blocks = 4, 3
    state_count = 3

    def __init__(self, channels, filters, size):
        super().__init__(channels, filters, size)
        self.output = torch.nn.Conv2d(
            2 * filters, filters, size, padding="same", bias=False
        )
        self.project = torch.nn.Conv2d(2 * filters, filters, 1, bias=False)

    def step(self, x, h, c, m):
        """Returns the next states."""
        x_h, x_m = x.split([4 * self.filters, 3 * self.filters], 1)
        c, o = _remember(c, x_h + self.recurrent[0](h))
        m, _ = _remember(m, x_m + self.recurrent[1](m))
        memories = torch.cat([c, m], 1)
        o = torch.sigmoid(o + self.output(memories))
        return o * torch.tanh(self.project(memories)), c, m


CELLS = {
    "conv_lstm2d": ConvLSTM,
    "conv_gru2d": ConvGRU,
    "st_lstm2d": SpatioTemporalLSTM,
}


def _remember(memory, gates):
    """Returns a memory after a step, and the gates beyond i, f and g."""
    i, f, g, *rest = gates.split(memory.shape[1], 1)
    memory = torch.sigmoid(f) * memory + torch.sigmoid(i) * torch.tanh(g)
    return memory, rest[0] if rest else None


def main(cases, rounds):
    """Prints the milliseconds of each case as JSON."""
    torch.set_num_threads(os.cpu_count())
    figures = {}
    for cell, shape in json.loads(cases):
        print("PyTorch", timing.key(cell, shape), file=sys.stderr)
        calls = functions(cell, shape)
        figures[timing.key(cell, shape)] = timing.medians(calls, int(rounds))
    print(json.dumps(figures))


def functions(cell, shape):
    """Returns the functions of a training step and of inference."""
    batch, steps, rows, columns, channels, filters, size = shape
    layer = CELLS[cell](channels, filters, size)
    inputs = torch.randn(
        batch, steps, channels, rows, columns, requires_grad=True
    )
    upstream = torch.randn(batch, steps, filters, rows, columns)

    def step():
        layer.zero_grad()
        inputs.grad = None
        layer(inputs).backward(upstream)

    def infer():
        with torch.inference_mode():
            layer(inputs)

    return {"pytorch": step, "pytorch_inference": infer}


if __name__ == "__main__":
    main(*sys.argv[1:])
