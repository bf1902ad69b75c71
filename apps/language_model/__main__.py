"""Tells how probable a text is, and writes on.

python -m apps.language_model
    Trains on the built-in sample, scores, exports, writes: three minutes.
python -m apps.language_model train --flagfile=zaremba_small.flags
    A recipe: a small network on the Penn Treebank.
python -m apps.language_model train --dataset=MINE.txt --run_dir=runs/mine
    Your own text; --level=character reads letters.
python -m apps.language_model evaluate [--cache_size=500] [--dynamic] [--plot]
    Perplexity beside that of n-grams up to --order, Kneser-Ney's too.
python -m apps.language_model export
    A SavedModel that takes text and gives text: saved_models/language_model/1.
python -m apps.language_model predict "the company said" "the dogs near"
    What may follow; `-` reads a beginning a line from standard input. Instead,
    --complete lists likely next words, --score marks surprising ones, and
    --correct corrects the spelling.
python -m apps.language_model generate ["the company"]
    A page, of --page_length tokens.
"""

import math

from apps.language_model.options import LanguageModelConfig
from common import files
from common import runner
from common.app import App
from common.errors import UsageError
from common.evaluation.metrics import language

# TensorFlow takes seconds to import; the methods do it when they are called.


class LanguageModel(App):
    """Many-to-many: tells of each next token how probable it is."""

    name = "language_model"
    Config = LanguageModelConfig
    questions = (
        "the company that the old farmers",
        "the dogs near the bank [ red { blue",
        "the printer",
    )
    headline = "perplexity"
    commands = ("generate",)
    _tuned = ()
    limits = (
        "It knows the words and the manner of the training text; whether what "
        "it writes is true, it does not know. Of a long beginning, the last "
        "1,023 tokens are read."
    )

    def examples(self, split):
        from apps.language_model import data

        return data.load(
            self.config.dataset,
            split,
            self.config.data_dir,
            self.config.level,
            self.bad_records,
        )

    def licence(self):
        from apps.language_model import data

        return data.licence(self.config.dataset)

    def model_class(self):
        from apps.language_model import model

        return model.LanguageModel

    def ready(self, model):
        for name in (
            "temperature",
            "top_k",
            "top_p",
            "repetition_penalty",
            "length",
            "seed",
        ):
            setattr(model, name, getattr(self.config, name))
        return model

    def answers(self, model, examples, between=lambda: None):
        import numpy as np

        from apps.language_model import evaluating

        config = self.config
        more = config.cache_size or config.dynamic or config.plot
        texts = {
            name: evaluating.tokens(model, self.examples(name))
            for name in (("train", "valid") if more else ())
        }
        ids, lengths = texts["test"] = evaluating.tokens(model, examples)
        splits = {name: text for name, (text, _) in texts.items()}
        found, self._tuned = evaluating.adapted(model, config, splits)
        if config.plot:
            self._plot(found, texts, model.vocabulary.size())
        lines = np.array([y.numpy() for _, y in examples], object)
        return lines, self._outputs(found, lines, lengths)

    def _outputs(self, found, lines, lengths):
        """Returns what each line contributes to the scores.

        Args:
          found: log probabilities of the tokens, by how they were told.
          lines: as they are in the text.
          lengths: their tokens.
        """
        import numpy as np

        from apps.language_model import evaluating
        from apps.language_model import sample

        outputs = {"tokens": lengths}
        for name, logs in found.items():
            outputs[name] = evaluating.by_line(logs, lengths)
        if self.config.dataset == "sample":
            true = [sample.log_probability(line.decode()) for line in lines]
            outputs["floor"] = np.array(true)
        return outputs

    def score(self, targets, outputs):

        found = {
            f"perplexity_{name}".removesuffix("_network"): language.perplexity(
                logs, outputs["tokens"]
            )
            for name, logs in outputs.items()
            if name != "tokens"
        }
        nats = math.log(found["perplexity"])
        if self.config.level == "character":
            found["bits_per_character"] = nats / math.log(2)
        else:
            found["nats_per_token"] = nats
        if "floor" in outputs:
            floor = found["perplexity_floor"]
            found["above_floor"] = found["perplexity"] / floor - 1
        return found

    def scoring(self):
        return "\n".join(self._tuned)

    def baselines(self, model):
        import numpy as np

        from apps.language_model import baseline
        from apps.language_model import evaluating

        splits = [self.examples(name) for name in ("train", "valid", "test")]
        texts = [evaluating.tokens(model, split) for split in splits]
        lines = np.array([y.numpy() for _, y in splits[-1]], object)
        found = baseline.log_probabilities(
            *texts, model.vocabulary.size(), self.config.order
        )
        return {
            name: self._outputs({"network": logs}, lines, texts[-1][1])
            for name, logs in found.items()
        }

    def _plot(self, found, texts, size):
        """Draws the losses beside those of the n-grams."""
        import numpy as np

        from apps.language_model import baseline
        from apps.language_model import figures

        others = baseline.log_probabilities(
            texts["train"],
            texts["valid"],
            texts["test"],
            size,
            self.config.order,
        )
        counts = np.bincount(texts["train"][0], minlength=size)
        figure = figures.losses(found | others, *texts["test"], counts)
        path = self.run_dir / "plots" / "losses.png"
        with files.written_beside(path) as beside:
            figure.savefig(beside)
        print(f"See {path}")

    def ask(self, words):
        import tensorflow as tf

        return {"prefix": tf.constant(words, tf.string)}

    def predict(self, model, words):
        asked = [
            name
            for name in ("complete", "score", "correct")
            if getattr(self.config, name)
        ]
        if len(asked) > 1:
            raise UsageError(f"--{' and --'.join(asked)}: choose one of them.")
        if not asked:
            return super().predict(model, words)
        from apps.language_model import asking

        return (getattr(asking, asked[0])(model, word) for word in words)

    def answer(self, words, outputs):
        for text in outputs["text"].numpy():
            yield " ".join(text.decode().splitlines())

    def generate(self, *words):
        """Prints a page that begins with the words."""
        import tensorflow as tf

        from common.training import trainer

        model = trainer.load_model(self)
        config = self.config
        found = model.generate(
            tf.constant([" ".join(words)]),
            config.temperature,
            config.top_k,
            config.top_p,
            config.repetition_penalty,
            config.page_length,
            config.seed,
        )
        print(found["text"][0].numpy().decode())


def main():
    runner.main(LanguageModel)


if __name__ == "__main__":
    main()
