"""Pictures in, captions out."""

import sys

from apps.captioning.cli import pictures
from common.errors import UsageError
from common.errors import UserError
from common.interface import Interface
from common.page import page
from common.page import views

SHEET_SIZE = 120  # Maximum number of pictures of a sheet.
NO_CAPTION = -1e30  # Scores below mark missing captions.
ALTERNATIVES = 5  # On the page.


class CaptioningInterface(Interface):
    """Takes files, folders and test examples, e.g. `test:3`."""

    def parse_inputs(self, words):
        return _inputs([picture.content for picture in self._read(words)])

    def format_outputs(self, words, outputs):
        for word, caption in zip(words, outputs["caption"].numpy()):
            yield f"{word}\t{caption.decode()}"

    def predict(self, model, words):
        """Captions pictures: files, folders, or test examples as test:3."""
        sheet = attention_map = None
        if self.config.sheet or self.config.attention_map:
            words = _expanded(words)
            sheet, attention_map = self._figure_paths(len(words))
        total, readable, captions = 0, [], []
        for chunk in self.chunks(words):
            total += len(chunk)
            read = [p for p in self._read(chunk) if _is_readable(p)]
            if not read:
                continue
            answers = self._captions(model, read)
            yield from self._lines(read, answers)
            readable += read
            captions += answers
        if readable and sheet:
            yield self._draw_sheet(sheet, readable, captions)
        if readable and attention_map:
            yield self._draw_attention_map(attention_map, model, readable[0])
        unreadable = total - len(readable)
        if unreadable:
            raise UserError(
                f"{unreadable} of {total} pictures could not be read."
            )

    commands = {"predict": predict}

    def page(self):
        search = {
            "signature": "alternatives",
            "arguments": {"beam_width": ALTERNATIVES},
        }
        further = []
        if self.config.attention != "none":
            attention = views.PictureMaps(
                title="Where the best one of a beam search looked",
                picture="image_bytes",
                tokens="tokens",
                maps="alignments",
                **search,
            )
            further.append(attention)
        further.append(
            views.Alternatives(
                title=f"The best {ALTERNATIVES} of a beam search",
                texts="captions",
                scores="scores",
                **search,
            )
        )
        picture = page.Input(name="image_bytes", label="Picture", kind="image")
        return page.Page(
            inputs=[picture], views=[views.Text(text="caption"), *further]
        )

    def chunks(self, words):
        """Yields the pictures of the words; see `Interface.chunks`."""
        for chunk in super().chunks(words):
            yield from super().chunks(_expanded(chunk))

    def _read(self, names):
        return pictures.read(names, self.test_example)

    def _captions(self, model, read):
        """Returns pairs of score and caption for each picture."""
        inputs = _inputs([picture.content for picture in read])
        count, config = self.config.alternatives, self.config
        if not count:
            outputs = model.serve(**inputs)
            scores = outputs["score"].numpy()[:, None]
            captions = outputs["caption"].numpy()[:, None]
            return _pairs(scores, captions, 1)
        if config.diversity:
            outputs = model.serving.diverse_captions(
                **inputs, count=count, diversity=_scalar(config.diversity)
            )
        else:
            width = max(count, config.beam_width)
            outputs = model.serving.alternatives(**inputs, beam_width=width)
        scores, captions = outputs["scores"], outputs["captions"]
        return _pairs(scores.numpy(), captions.numpy(), count)

    def _lines(self, read, captions):
        for picture, pairs in zip(read, captions):
            for score, caption in pairs:
                column = f"{score:8.3f}\t" if self.config.alternatives else ""
                yield f"{picture.name}\t{column}{caption}"

    def _figure_paths(self, count):
        """Returns the paths of the sheet and the attention map, or None.

        Raises:
          UserError: They cannot be drawn of `count` pictures.
        """
        config = self.config
        sheet = _png_path("sheet", config.sheet)
        attention_map = _png_path("attention_map", config.attention_map)
        if attention_map and count != 1:
            raise UsageError(
                f"--attention_map draws one picture: pass one, not {count}."
            )
        if attention_map and config.attention == "none":
            raise UserError(
                f"{self.app.run_dir} has no attention to draw: train another "
                "run with --attention=bahdanau or luong."
            )
        if sheet and count > SHEET_SIZE:
            raise UsageError(
                f"--sheet shows {SHEET_SIZE} pictures at most, not {count}."
            )
        return sheet, attention_map

    def _draw_sheet(self, path, read, captions):
        from apps.captioning.cli import figures

        best = [pairs[0][1] for pairs in captions]
        figure = figures.sheet([picture.content for picture in read], best)
        return _save(figure, path)

    def _draw_attention_map(self, path, model, picture):
        from apps.captioning.cli import figures

        outputs = model.serving.alternatives(
            **_inputs([picture.content]), beam_width=self.config.beam_width
        )
        figure = figures.attention_map(
            picture.content,
            [token.decode() for token in outputs["tokens"].numpy()[0, 0]],
            outputs["alignments"].numpy()[0, 0],
        )
        return _save(figure, path)


def _expanded(words):
    return [name for word in words for name in pictures.expand_folder(word)]


def _inputs(contents):
    import tensorflow as tf

    return {"image_bytes": tf.constant(contents, tf.string)}


def _scalar(value):
    import tensorflow as tf

    return tf.constant(value)


def _is_readable(picture):
    """Returns whether a picture is readable; prints the problem if not."""
    if picture.problem:
        print(f"captioning: {picture.problem}", file=sys.stderr)
    return not picture.problem


def _pairs(scores, captions, count):
    """Returns up to `count` pairs of score and caption for each picture."""
    return [
        [
            (score, caption.decode())
            for score, caption in list(zip(*row))[:count]
            if score > NO_CAPTION
        ]
        for row in zip(scores, captions)
    ]


def _png_path(option, value):
    from common.evaluation import plots

    return plots.png_path(option, value) if value else None


def _save(figure, path):
    from common.evaluation import plots

    plots.save(figure, path, dpi=120)
    return f"See {path}"
