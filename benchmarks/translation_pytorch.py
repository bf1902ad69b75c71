"""Times a translator in PyTorch: called by benchmarks.translation."""

import json
import os

import torch
from torch import nn

from benchmarks import timing
from benchmarks import translation as sizes


class Translator(nn.Module):
    """The network of our translator: bidirectional, Luong attention, tied."""

    def __init__(self):
        super().__init__()
        units, size = sizes.UNITS, sizes.EMBEDDING
        self.source = nn.Embedding(sizes.VOCABULARY, size)
        self.target = nn.Embedding(sizes.VOCABULARY, size)
        self.encoder = nn.LSTM(
            size, units // 2, batch_first=True, bidirectional=True
        )
        self.bridge = nn.Linear(2 * units, 2 * units)
        self.decoder = nn.LSTM(size, units, batch_first=True)
        self.keys = nn.Linear(units, units, bias=False)
        self.join = nn.Linear(2 * units, units, bias=False)
        self.project = nn.Linear(units, size, bias=False)

    def forward(self, source, target):
        memory, states = self.encoder(self.source(source))
        joined = torch.cat([part for state in states for part in state], -1)
        states = torch.tanh(self.bridge(joined)).chunk(2, -1)
        states = tuple(state[None].contiguous() for state in states)
        hidden, _ = self.decoder(self.target(target), states)
        scores = hidden @ self.keys(memory).transpose(1, 2)
        context = scores.softmax(-1) @ memory
        outputs = torch.tanh(self.join(torch.cat([context, hidden], -1)))
        return self.project(outputs) @ self.target.weight.T


def main():
    """Prints the milliseconds of a training step as JSON."""
    torch.set_num_threads(os.cpu_count())
    model = Translator()
    optimizer = torch.optim.Adam(model.parameters())
    source, target, labels = (
        torch.randint(3, sizes.VOCABULARY, (sizes.BATCH, steps))
        for steps in (sizes.PLACES, sizes.STEPS, sizes.STEPS)
    )

    def step():
        optimizer.zero_grad()
        logits = model(source, target)
        loss = nn.functional.cross_entropy(
            logits.flatten(0, 1), labels.flatten()
        )
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    print(json.dumps({"PyTorch": timing.medians({"": step}, 20)[""]}))


if __name__ == "__main__":
    main()
