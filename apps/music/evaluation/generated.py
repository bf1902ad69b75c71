"""What composed pieces are like, next to those of the data set."""

import numpy as np

from apps.music.evaluation import collapse
from apps.music.evaluation import statistics

PIECES, BARS = 20, 16


def add(notes, app, pieces):
    """Composes pieces, and adds their statistics to the notes of a report.

    Args:
      notes: `Notes`.
      app: The app with its trained model.
      pieces: Of the training split, (frames, columns) each.
    """
    frames_per_beat = app.model.arguments.frames_per_beat
    composed = compose(app.model, app.config, PIECES, BARS)
    ours = statistics.summarize(composed, frames_per_beat)
    of_data = statistics.summarize(pieces, frames_per_beat)
    listed = ", ".join(
        f"{name.replace('_', ' ')} {ours[name]:.3g} ({of_data[name]:.3g})"
        for name in ours
    )
    detector = collapse.CollapseDetector(pieces, frames_per_beat)
    reasons = [reason for reason in map(detector.reason, composed) if reason]
    sentences = [
        f"{PIECES} composed pieces of {BARS} bars, training pieces in "
        f"parentheses: {listed}.",
        f"Collapsed: {len(reasons)} of {PIECES}"
        + (f" ({', '.join(sorted(set(reasons)))})." if reasons else "."),
    ]
    notes.sentences.extend(sentences)
    notes.details["composed"] = {
        "pieces": PIECES,
        "bars": BARS,
        "statistics": ours,
        "of_training_pieces": of_data,
        "collapsed": reasons,
    }


def compose(model, config, count, bars):
    """Returns composed pieces, (frames, 4) with voices, else (frames, 88).

    Args:
      model: A `Composer`.
      config: Its decoding options.
      count: Number of pieces; of different seeds.
      bars: Of four beats.
    """
    import tensorflow as tf

    from apps.music.model import piece_reader

    spec = piece_reader.input_spec(config.network)
    frames = bars * piece_reader.BEATS * model.arguments.frames_per_beat
    nothing = tf.zeros([1, 0, spec.shape[-1]], tf.int32)
    return [
        np.array(
            model.serving.generate(
                nothing,
                frames,
                config.temperature,
                config.top_p,
                config.tempo,
                config.sampling_seed + number,
            )[spec.name][0]
        )
        for number in range(count)
    ]
