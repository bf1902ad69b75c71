"""Clips in, segments out."""

from common.page import page
from common.page import views
from common.video.interface import ClipInterface


class VideoInterface(ClipInterface):
    """Prints the segments of clips, and draws a timeline."""

    @property
    def side(self):
        return self.config.image_size

    def format_outputs(self, words, outputs):
        names = ("label", "start", "end", "probability")
        columns = [outputs[f"segment_{name}"].numpy() for name in names]
        for word, *rows in zip(words, *columns):
            yield f"{word}\t{_sentence(zip(*rows))}"

    def answers(self, clips, outputs):
        _retime(outputs, clips)
        yield from self.format_outputs([c.name for c in clips], outputs)
        if self.config.timeline:
            yield self._draw(clips[0], outputs)

    def predict(self, model, words):
        """Prints the segments of clips: files, folders, or test examples."""
        if self.config.timeline:
            self._timeline_path()
            words = self.only_file(words, "timeline")
        yield from super().predict(model, words)

    commands = {"predict": predict}

    def page(self):
        return page.Page(
            inputs=[page.Input(name="video", label="Clip", kind="clip")],
            views=[
                views.Timeline(
                    labels="labels",
                    probabilities="probabilities",
                    start="start",
                    end="end",
                    segment_labels="segment_label",
                    segment_start="segment_start",
                    segment_end="segment_end",
                    segment_probabilities="segment_probability",
                )
            ],
        )

    def _timeline_path(self):
        from common.evaluation import plots

        return plots.png_path("timeline", self.config.timeline)

    def _draw(self, clip, outputs):
        from apps.video.cli import figures
        from common.evaluation import plots

        names = ("labels", "probabilities", "start", "end")
        first = {name: outputs[name][0].numpy() for name in names}
        figure = figures.timeline(clip.content, self.side, **first)
        path = self._timeline_path()
        plots.save(figure, path, dpi=120)
        return f"See {path}"


def _retime(outputs, clips):
    """Sets the seconds to those of the clips: not all files have them."""
    import numpy as np
    import tensorflow as tf

    names = ("start", "end", "segment_start", "segment_end")
    seconds = {name: outputs[name].numpy() for name in names}
    lengths = outputs["segment_frames"].numpy()
    for row, clip in enumerate(clips):
        edges = np.cumsum([0.0, *clip.durations])
        count = len(edges) - 1
        seconds["start"][row, :count] = edges[:-1]
        seconds["end"][row, :count] = edges[1:]
        places = np.cumsum([0, *lengths[row][lengths[row] > 0]])
        count = len(places) - 1
        seconds["segment_start"][row, :count] = edges[places[:-1]]
        seconds["segment_end"][row, :count] = edges[places[1:]]
    outputs |= {name: tf.constant(v) for name, v in seconds.items()}


def _sentence(segments):
    """Returns segments as text, such as "0.0-1.2 s: falls (0.98)"."""
    return "; ".join(
        f"{start:.1f}-{end:.1f} s: {label.decode()} ({probability:.2f})"
        for label, start, end, probability in segments
        if label
    )
