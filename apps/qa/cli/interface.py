"""Stories with questions in, answers with their support out."""

import functools

from apps.qa.cli import chat
from apps.qa.cli import inputs
from common.interface import Interface


class QAInterface(Interface):
    """Takes each word of the command line as a story and a question."""

    @functools.cached_property
    def story(self) -> str:
        """The story of --story, one sentence per line."""
        return inputs.read_story(self.config.story)

    def parse_inputs(self, words):
        pairs = [inputs.split_question(word) for word in words]
        return _constants(
            [f"{self.story}\n{story}" for story, _ in pairs],
            [question for _, question in pairs],
        )

    def format_outputs(self, words, outputs):
        questions = [inputs.split_question(word)[1] for word in words]
        return _lines(questions, outputs)

    def predict(self, model, words):
        """Answers the question that ends each input; see also --story."""
        yield from Interface.predict(self, model, words)
        if self.config.explain:
            yield from self._explain(model, words)

    def chat(self, model, words):
        """Reads a story and questions line by line, and answers them."""

        def answer(story, question):
            outputs = model.serve(**_constants([story], [question]))
            return next(_lines([question], outputs))

        return chat.chat(answer, self.story, words)

    commands = {"predict": predict, "chat": chat}

    def _explain(self, model, words):
        from apps.qa.cli import explanations
        from common.evaluation import plots

        readings = []
        for word in words:
            explanation = explanations.explain(
                model, **self.parse_inputs([word])
            )
            yield from explanations.table(explanation)
            readings.append(explanation)
        path = self.app.run_dir / "extra" / "explanations.png"
        plots.save(explanations.figure(readings), path, dpi=120)
        yield f"See {path}"


def _constants(stories, questions):
    """Returns the arguments of `serve`."""
    import tensorflow as tf

    return {"story": tf.constant(stories), "question": tf.constant(questions)}


def _lines(questions, outputs):
    """Yields a line for each question, from the outputs of `serve`."""
    for question, answer, probability, support in zip(
        questions,
        *(
            outputs[name].numpy()
            for name in ("answer", "probability", "support")
        ),
    ):
        sentences = support.decode()
        because = f"  because: {sentences}" if sentences else ""
        yield f"{probability:.3f} {answer.decode()}  {question}{because}"
