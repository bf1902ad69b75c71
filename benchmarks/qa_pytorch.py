"""Times an entity network in PyTorch: called by benchmarks.qa."""

import json
import os

import torch
from torch import nn

from benchmarks import qa as sizes
from benchmarks import timing


class EntityNetwork(nn.Module):
    """What ours is: Henaff et al. 2017, a loop over the sentences."""

    def __init__(self):
        super().__init__()
        units = sizes.UNITS
        self.embed = nn.Embedding(sizes.VOCABULARY, units, padding_idx=0)
        self.story_mask = nn.Parameter(torch.ones(sizes.WORDS, units))
        self.question_mask = nn.Parameter(torch.ones(sizes.WORDS, units))
        self.keys = nn.Parameter(0.1 * torch.randn(sizes.SLOTS, units))
        self.recurrent = nn.Linear(units, units)
        self.of_key = nn.Linear(units, units, bias=False)
        self.of_input = nn.Linear(units, units, bias=False)
        self.rectify = nn.PReLU(units, init=1.0)
        self.mix = nn.Linear(units, units, bias=False)
        self.rectify_answer = nn.PReLU(units, init=1.0)
        self.answer = nn.Linear(units, sizes.ANSWERS, bias=False)

    def forward(self, story, question):
        sentences = (self.embed(story) * self.story_mask).sum(2)
        values = self.keys.expand(len(story), -1, -1)
        of_keys, of_inputs = self.of_key(self.keys), self.of_input(sentences)
        for s, ws in zip(sentences.unbind(1), of_inputs.unbind(1)):
            gates = (s[:, None] * (values + self.keys)).sum(-1).sigmoid()
            inner = self.recurrent(values) + of_keys + ws[:, None]
            candidate = self.rectify(inner.flatten(0, 1)).view_as(inner)
            values = nn.functional.normalize(
                values + gates[..., None] * candidate, dim=-1
            )
        question_vector = (self.embed(question) * self.question_mask).sum(1)
        shares = torch.einsum("bd,bjd->bj", question_vector, values).softmax(-1)
        reading = torch.einsum("bj,bjd->bd", shares, values)
        return self.answer(
            self.rectify_answer(question_vector + self.mix(reading))
        )


def main():
    """Prints the milliseconds of each step as JSON."""
    torch.set_num_threads(os.cpu_count())
    model = EntityNetwork()
    optimizer = torch.optim.Adam(model.parameters())

    def numbers(limit, *shape):
        return torch.randint(1, limit, (sizes.BATCH, *shape))

    story = numbers(sizes.VOCABULARY, sizes.SENTENCES, sizes.WORDS)
    question = numbers(sizes.VOCABULARY, sizes.WORDS)
    wanted = numbers(sizes.ANSWERS)

    def train():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(story, question), wanted)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    @torch.inference_mode()
    def answer():
        model(story, question)

    calls = {"PyTorch: training": train, "PyTorch: answering": answer}
    print(json.dumps(timing.medians(calls, 20)))


if __name__ == "__main__":
    main()
