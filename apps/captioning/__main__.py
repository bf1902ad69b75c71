"""Describes pictures.

python -m apps.captioning
    Trains on the built-in sample, scores, exports, answers.
python -m apps.captioning train --flagfile=flickr8k.flags --data_dir=FOLDER
    A recipe: the photographs of Flickr8k.
python -m apps.captioning train --dataset=MINE.tsv --run_dir=runs/mine
    Your own pictures: rows file<TAB>caption; a picture may have several.
python -m apps.captioning evaluate [--beam_width=5]
    BLEU, ROUGE-L and CIDEr-D beside those of the most similar picture.
python -m apps.captioning export
    A SavedModel that takes the bytes of files: saved_models/captioning/1/.
python -m apps.captioning predict photo.jpg folder test:3
    A line file<TAB>caption for each picture, those of folders, and those of
    the test split by their number; `-` reads names from standard input.
    With --alternatives=5 five captions of each, by --diversity=1 different
    ones; with --attention_map=FILE.png a picture of where each word looks;
    with --sheet=FILE.png a sheet of all pictures.
"""

import functools
import pathlib
import sys

from apps.captioning.options import CaptioningConfig
from common import files
from common import runner
from common.app import App
from common.errors import UsageError
from common.errors import UserError

# TensorFlow takes seconds to import; the methods do it when they are called.

MOST_SHOWN = 120  # Pictures of one sheet.


class Captioning(App):
    """Picture to sequence: says what can be seen."""

    name = "captioning"
    Config = CaptioningConfig
    questions = ("test:0", "test:1", "test:2", "test:3")
    headline = "cider_d"
    watch = "val_cider_d"
    limits = (
        "It describes what its training pictures show, in their words; of "
        "others, it may invent what is not there. It reads no writing, and "
        "knows no names."
    )

    def examples(self, split):
        from apps.captioning import data

        return data.load(
            self.config.dataset,
            split,
            self.config.data_dir,
            self.bad_records,
        )

    def licence(self):
        from apps.captioning import data

        return data.licence(self.config.dataset)

    def model_class(self):
        from apps.captioning import model

        return model.Captioner

    def ready(self, model):
        model.beam_width = self.config.beam_width
        model.length_penalty = self.config.length_penalty
        return model

    def measure(self, targets, outputs):
        from apps.captioning import scores

        counted = scores.counts(outputs["caption"], targets, self._known)
        if self.config.dataset == "sample":
            counted["accuracy"] = scores.accuracy(outputs["caption"], targets)
        return counted

    @functools.cached_property
    def _known(self):
        from apps.captioning import scores

        return scores.known(self.examples("train"))

    def score(self, targets, outputs):
        from apps.captioning import scores

        return scores.scores(outputs)

    def baselines(self, model):
        from apps.captioning import baseline

        splits = [self.examples(name) for name in ("train", "valid", "test")]
        seen, test = splits[0].concatenate(splits[1]), splits[2]
        return {
            "nearest picture": {"caption": baseline.nearest(model, seen, test)},
            "most common": {"caption": baseline.most_common(seen, test)},
        }

    def ask(self, words):
        import tensorflow as tf

        contents = [content for _, content, _ in self._opened(words)]
        return {"image_bytes": tf.constant(contents, tf.string)}

    def _opened(self, names):
        from apps.captioning import opening

        return opening.opened(names, lambda: self.examples("test"))

    def predict(self, model, words):
        from apps.captioning import opening

        names = opening.named(words)
        self._refuse_figures(len(names))
        failed, shown = 0, []
        for some in self.batches(names):
            read, contents = [], []
            for name, content, problem in self._opened(some):
                if problem:
                    print(f"captioning: {name} {problem}.", file=sys.stderr)
                    failed += 1
                else:
                    read.append(name)
                    contents.append(content)
            if contents:
                said = self._said(model, contents)
                shown += zip(contents, said)
                yield from self._lines(read, said)
        if shown:
            yield from self._drawn(model, shown)
        if failed:
            raise UserError(
                f"{failed} of {len(names)} pictures could not be read."
            )

    def _said(self, model, contents):
        """Returns for each picture a list of scores and captions."""
        import tensorflow as tf

        image_bytes = tf.constant(contents, tf.string)
        count, config = self.config.alternatives, self.config
        if not count:
            found = model.serve(image_bytes)
            return [
                [(score, _line(caption))]
                for score, caption in zip(
                    found["score"].numpy(), found["caption"].numpy()
                )
            ]
        if config.diversity:
            found = model.varied(image_bytes, count, config.diversity)
        else:
            width = max(count, config.beam_width)
            found = model.alternatives(image_bytes, width)
        return [
            [
                (score, _line(caption))
                for score, caption in list(zip(*row))[:count]
                if score > -1e30  # Below, there is none.
            ]
            for row in zip(found["scores"].numpy(), found["captions"].numpy())
        ]

    def _lines(self, names, said):
        for name, captions in zip(names, said):
            for score, caption in captions:
                shown = f"{score:8.3f}\t" if self.config.alternatives else ""
                yield f"{name}\t{shown}{caption}"

    def _refuse_figures(self, count):
        """Raises a UserError if figures are asked for that cannot be drawn."""
        config = self.config
        for option in ("attention_map", "sheet"):
            path = pathlib.Path(getattr(config, option))
            if path.name and path.suffix != ".png":
                raise UsageError(f"--{option}={path}: name a file .png.")
        if config.attention_map and count != 1:
            raise UsageError(
                f"--attention_map draws one picture: give one, not {count}."
            )
        if config.attention_map and config.attention == "none":
            raise UserError(
                f"{self.run_dir} has no attention to draw: train another run "
                "with --attention=bahdanau or luong."
            )
        if config.sheet and count > MOST_SHOWN:
            raise UsageError(
                f"--sheet shows {MOST_SHOWN} pictures at most, not {count}."
            )

    def _drawn(self, model, shown):
        """Draws what was asked for; returns where."""
        from apps.captioning import figures

        drawn = {}
        contents = [content for content, _ in shown]
        if self.config.sheet:
            best = [captions[0][1] for _, captions in shown]
            drawn[self.config.sheet] = figures.sheet(contents, best)
        if self.config.attention_map:
            found = model.alternatives(contents, self.config.beam_width)
            drawn[self.config.attention_map] = figures.attention_map(
                contents[0],
                [token.decode() for token in found["tokens"].numpy()[0, 0]],
                found["alignments"].numpy()[0, 0],
            )
        for path, figure in drawn.items():
            with files.written_beside(pathlib.Path(path)) as beside:
                figure.savefig(beside, dpi=120)
            yield f"See {path}"

    def answer(self, words, outputs):
        for word, caption in zip(words, outputs["caption"].numpy()):
            yield f"{word}\t{_line(caption)}"


def _line(caption):
    """Returns a caption on one line."""
    return " ".join(caption.decode().splitlines())


def main():
    runner.main(Captioning)


if __name__ == "__main__":
    main()
