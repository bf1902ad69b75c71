"""Answers questions on stories, and says on which sentences it relies.

python -m apps.qa
    Trains on the built-in sample, scores, exports, answers.
python -m apps.qa train --flagfile=babi_10k.flags --data_dir=FOLDER
    A recipe: the bAbI tasks.
python -m apps.qa train --dataset=MINE.txt --run_dir=runs/mine
    Your own stories, in the format of bAbI: `1 Anna took the cup.` and
    `2 Who has the cup?<TAB>Anna<TAB>1`; the number 1 begins a new story.
python -m apps.qa evaluate
    Accuracy of each task beside those of answers without reading.
python -m apps.qa export
    A SavedModel that takes raw text: saved_models/qa/1/.
python -m apps.qa predict "Ben took the cup. Ben left. Who holds the cup?"
    The answer, its probability, and the sentences it rests on. The last
    sentence is the question; with --story=FILE the file is told first.
    `-` reads a line each from standard input. With --explain also how strongly
    each sentence was read.
python -m apps.qa predict --chat
    Tell a story and ask, line by line.
"""

import functools

from apps.qa.options import QAConfig
from common import files
from common import runner
from common.app import App

# TensorFlow takes seconds to import; the methods do it when they are called.


class QA(App):
    """Many-to-one over sentences: answers a question on a story."""

    name = "qa"
    Config = QAConfig
    questions = (
        "Anna went to the attic. Ben went to the office. Where is Anna?",
        "Ben moved to the garden. Ben took the cup. Ben walked to the office. "
        "Where is the cup?",
        "Clara went to the cellar. Clara took the lamp. Clara picked up the "
        "ball. Clara dropped the lamp. What does Clara hold?",
        "David went to the attic. David took the ball. Anna moved to the "
        "attic. David gave the ball to Anna. Who holds the ball?",
    )
    headline = "accuracy"
    watch = "val_loss"
    limits = (
        "It knows the words and the kinds of questions of its training "
        "stories, and answers with one of their answers, whatever it is "
        "asked; of words that it does not know, it knows that they are there. "
        "The sentences that it names are those that it read most: they need "
        "not be reasons."
    )

    @property
    def restarts(self):
        return self.config.restarts

    @property
    def converses(self):
        return self.config.chat

    def examples(self, split):
        from apps.qa import data

        config = self.config
        return data.load(
            config.dataset,
            split,
            config.tasks,
            config.size,
            config.data_dir,
            self.bad_records,
        )

    def licence(self):
        from apps.qa import data

        return data.licence(self.config.dataset)

    def model_class(self):
        from apps.qa import model

        return model.Answerer

    def measure(self, targets, outputs):
        from apps.qa import scores

        return scores.measured(targets, outputs)

    @functools.cached_property
    def _tasks(self):
        batches = self.examples("test").batch(1024).as_numpy_iterator()
        return sorted({int(task) for _, y in batches for task in y[:, 1]})

    def score(self, targets, outputs):
        from apps.qa import scores

        return scores.scores(outputs, self._tasks)

    def scoring(self):
        from apps.qa import scores

        return scores.PUBLISHED if self.config.dataset == "babi" else ""

    def baselines(self, model):
        from apps.qa import baseline

        splits = [self.examples(name) for name in ("train", "valid", "test")]
        seen, test = splits[0].concatenate(splits[1]), splits[2]
        answers = {
            "most frequent": baseline.most_frequent(seen, test),
            "named last": baseline.last_named(seen, test),
        }
        return {name: {"answer": given} for name, given in answers.items()}

    @functools.cached_property
    def _told(self):
        """The story that --story names."""
        from apps.qa import telling

        return telling.story(self.config.story)

    def ask(self, words):
        import tensorflow as tf

        from apps.qa import telling

        pairs = [telling.split(word) for word in words]
        stories = [f"{self._told}\n{story}" for story, _ in pairs]
        return {
            "story": tf.constant(stories),
            "question": tf.constant([question for _, question in pairs]),
        }

    def predict(self, model, words):
        from apps.qa import telling

        if self.config.chat:
            yield from telling.chat(model, self._told, words)
            return
        yield from super().predict(model, words)
        if self.config.explain:
            yield from self._explained(model, words)

    def _explained(self, model, words):
        from apps.qa import explaining

        found = []
        for word in words:
            asked = self.ask((word,))
            found.append(explaining.reading(model, **asked))
            yield from explaining.lines(found[-1])
        path = self.run_dir / "explanations.png"
        with files.written_beside(path) as beside:
            explaining.figure(found).savefig(beside, dpi=120)
        yield f"See {path}"

    def answer(self, words, outputs):
        from apps.qa import telling

        for word, *found in zip(words, *telling.decoded(outputs)):
            yield telling.line(telling.split(word)[1], *found)


def main():
    runner.main(QA)


if __name__ == "__main__":
    main()
