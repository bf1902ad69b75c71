"""Statistics of composed pieces, next to those of the data set."""

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
    first = app.config.sampling_seed
    composed = [
        app.model.serving.new_piece(BARS, app.config, seed)
        for seed in range(first, first + PIECES)
    ]
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
