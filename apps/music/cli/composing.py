"""New pieces, in a key if one is chosen, and harmonies."""

import tensorflow as tf

from apps.music.cli import keys
from apps.music.cli import pieces
from apps.music.data import rolls
from apps.music.model import midi_bytes
from common.errors import UserError

CANDIDATES = 50  # Pieces among which one of the right mode is searched.


def new_pieces(model, config, count, folder):
    """Composes pieces; yields a line for each.

    Args:
      model: A `Composer`.
      config: Decoding options.
      count: Number of pieces.
      folder: `pieces.Folder`; writes the files.
    """
    wanted = keys.parse(config.key) if config.key else None
    seeds = iter(range(config.sampling_seed, config.sampling_seed + 2**30))
    for number in range(1, count + 1):
        frames = _in_key(model, config, wanted, seeds)
        midi = midi_bytes.midi_file(
            tf.constant(frames[None]),
            tf.constant(config.tempo),
            model.arguments.frames_per_beat,
        )
        files = folder.write(f"piece-{number}", midi.numpy()[0], frames)
        yield f"{_key_name(frames)}\t{files}"


def harmonize(model, config, melody):
    """Returns the outputs of `Serving.harmonize` for one melody.

    Args:
      model: A `Composer` of voices.
      config: Decoding options.
      melody: int32 (frames, 1), of MIDI pitches.
    """
    return model.serving.harmonize(
        tf.constant(melody[None, :, 0], tf.int32),
        config.temperature,
        config.top_p,
        config.tempo,
        config.sampling_seed,
    )


def _in_key(model, config, wanted, seeds):
    """Returns the frames of the first piece that can be moved to a key.

    Raises:
      UserError: None of many candidates has the mode of the key.
    """
    for _ in range(CANDIDATES):
        frames = model.serving.new_piece(config.bars, config, next(seeds))
        sounding = pieces.pitches(frames)
        if wanted is None or not len(sounding):
            return frames
        tonic, is_minor = keys.estimate(sounding)
        if is_minor == wanted[1]:
            # The nearest of the two ways, up or down.
            change = (wanted[0] - tonic + 5) % 12 - 5
            return rolls.transposed(frames, change)
    mode = "minor" if wanted[1] else "major"
    raise UserError(
        f"--key={config.key}: none of {CANDIDATES} pieces is in a {mode} key; "
        "choose another --key or --sampling_seed, or leave --key out."
    )


def _key_name(frames):
    sounding = pieces.pitches(frames)
    return keys.name(*keys.estimate(sounding)) if len(sounding) else "silence"
