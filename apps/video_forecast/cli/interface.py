"""Clips in; the frames that follow out, as files."""

import pathlib
import statistics

from common import file_interface
from common.interface import TEST_EXAMPLE
from common.page import page
from common.page import views
from common.video.interface import ClipInterface


class ForecastInterface(ClipInterface):
    """Writes forecasts of clips as files."""

    def __init__(self, app):
        super().__init__(app)
        self._stems = file_interface.FileStems()

    @property
    def side(self):
        return self.config.frame_size

    def format_outputs(self, words, outputs):
        yield from self.answers([self.read(word) for word in words], outputs)

    def answers(self, clips, outputs):
        """Writes the forecast of each clip; yields a line with its files."""
        from common.video import writing

        output_dir = self.config.output_dir or self.app.run_dir / "forecasts"
        folder = pathlib.Path(output_dir)
        for clip, frames in zip(clips, outputs["frames"].numpy()):
            stem = self._stems.unique(clip.name, "clip")
            gif = folder / f"{stem}.forecast.gif"
            strip = folder / f"{stem}.forecast.png"
            context, seconds = self._context(clip)
            writing.write_gif(gif, frames, seconds)
            rows = [("context", context), ("forecast", frames)]
            if TEST_EXAMPLE.fullmatch(clip.name):
                rows.insert(1, ("truth", self._truth(clip.name)))
            writing.write_strip(strip, rows)
            yield f"{clip.name}\t{gif}\t{strip}"

    def page(self):
        return page.Page(
            inputs=[page.Input(name="video", label="Clip", kind="clip")],
            views=[views.Frames(title="The next frames", frames="frames")],
        )

    def _context(self, clip):
        """Returns the frames that the network reads, and seconds per frame."""
        from common.video import decode

        frames, durations = decode.read_one(clip.content, self.side)
        seconds = statistics.median(clip.durations or durations)
        return frames[-self.config.context :], seconds

    def _truth(self, word):
        """Returns the frames that follow a test example."""
        from common.video import decode

        number = int(TEST_EXAMPLE.fullmatch(word)[1])
        ((_, y),) = self.app.examples("test").skip(number).take(1)
        return decode.read_one(y["video"].numpy(), self.side)[0]
