"""The frames of a piece that a composer did not expect."""

import numpy as np
import tensorflow as tf

from apps.music.cli import keys
from apps.music.cli import pieces
from apps.music.model import piece_reader


def lines(model, piece, count):
    """Yields the nats per frame of a piece, and its most surprising frames.

    Args:
      model: A `Composer`.
      piece: `pieces.Piece`.
      count: Number of frames to list.
    """
    outputs = model.serving.score(tf.constant(piece.frames[None], tf.int32))
    mean = float(outputs["nats_per_frame"][0])
    yield f"{piece.name}\t{mean:.3f} nats per frame"
    nats = outputs["nats"][0].numpy()
    later = np.argsort(-nats[1:], kind="stable")[:count] + 1
    beat = model.arguments.frames_per_beat
    for frame in sorted(later):
        bar, rest = divmod(frame, piece_reader.BEATS * beat)
        notes = sorted(set(pieces.pitches(piece.frames[frame][None]).tolist()))
        yield (
            f"  bar {bar + 1} beat {1 + rest / beat:g}  {nats[frame]:6.2f} "
            f"nats  {' '.join(map(keys.note, notes)) or 'silence'}"
        )
