"""Stories with questions in, answers with their support out."""

import functools

from apps.qa.cli import chat
from apps.qa.cli import inputs
from common import interface
from common.interface import Interface
from common.page import page
from common.page import views


class QAInterface(Interface):
    """Takes words as stories with a question, or test examples as test:3."""

    @functools.cached_property
    def story(self) -> str:
        """The story of --story, one sentence per line."""
        return inputs.read_story(self.config.story)

    def parse_inputs(self, words):
        stories, questions = zip(*map(self._story_and_question, words))
        return _constants(stories, questions)

    def format_outputs(self, words, outputs):
        _, questions = zip(*map(self._story_and_question, words))
        return _lines(questions, outputs)

    def _story_and_question(self, word):
        x = self.test_example(word)
        if x:
            return tuple(x[n].numpy().decode() for n in ("story", "question"))
        story, question = inputs.split_question(word)
        return f"{self.story}\n{story}".lstrip("\n"), question

    def predict(self, model, words):
        """Answers the question that ends each input; see also --story."""
        yield from Interface.predict(self, model, words)
        if self.config.explain:
            yield from self._explain(model, words)
        texts = (self.parse_inputs(chunk) for chunk in self.chunks(words))
        counts = (
            model.tokenize.count_unknown(text)
            for x in texts
            for text in x.values()
        )
        interface.report_unknown(counts, self.config.dataset)

    def chat(self, model, words):
        """Reads a story and questions line by line, and answers them."""

        def answer(story, question):
            outputs = model.serve(**_constants([story], [question]))
            return next(_lines([question], outputs))

        return chat.chat(answer, self.story, words)

    commands = {"predict": predict, "chat": chat}

    def page(self):
        return page.Page(
            title="Question answering",
            inputs=[
                page.Input(name="story", label="Story, a sentence per line"),
                page.Input(name="question", label="Question", kind="line"),
            ],
            views=[
                views.Ranking(
                    signature="explain",
                    names="ranking",
                    probabilities="odds",
                    verdict="answer",
                ),
                views.Evidence(
                    title="How strongly each sentence was read",
                    signature="explain",
                    sentences="sentences",
                    maps="maps",
                    reading=self.app.model.network.map_rows,
                ),
            ],
        )

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
