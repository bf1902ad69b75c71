"""Times a step in PyTorch; run by benchmarks.language_model."""

import json
import os
import sys

import torch
from torch import nn

from benchmarks import language_model as sizes
from benchmarks import timing


class LanguageModel(nn.Module):
    """The network of our language model."""

    def __init__(self, size):
        super().__init__()
        self.embed = nn.Embedding(sizes.VOCABULARY, size)
        self.recurrent = nn.LSTM(size, size, sizes.DEPTH, batch_first=True)
        self.output = nn.Linear(size, sizes.VOCABULARY)
        zeros = torch.zeros(sizes.DEPTH, sizes.STREAMS, size)
        self.states = zeros, zeros

    def forward(self, tokens):
        vectors, states = self.recurrent(self.embed(tokens), self.states)
        self.states = tuple(state.detach() for state in states)
        return self.output(vectors)


def main(size, rounds):
    """Prints the milliseconds of a step as JSON."""
    torch.set_num_threads(os.cpu_count())
    model = LanguageModel(int(size))
    rate = sizes.LEARNING_RATE
    optimizer = torch.optim.SGD(model.parameters(), rate)
    tokens, targets = (
        torch.randint(sizes.VOCABULARY, (sizes.STREAMS, sizes.STEPS))
        for _ in range(2)
    )

    def step():
        optimizer.zero_grad()
        logits = model(tokens)
        loss = nn.functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten()
        )
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), sizes.CLIP_NORM)
        optimizer.step()

    times = timing.medians({"": step}, int(rounds))
    print(json.dumps({"PyTorch": times[""]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
