"""The page of the app: an editor of notes, and the views of the answers."""

from apps.music.model import frames
from apps.music.model import piece_reader
from common.page import music_views
from common.page import page

MARGIN = 2  # Keys of the editor around those of the training pieces.


def describe(config, arguments):
    """Returns the page of a composer.

    Args:
      config: Decoding options.
      arguments: `Arguments` of the composer.
    """
    form = piece_reader.input_spec(arguments.network).name
    has_voices = form == "voices"
    time = {"frames_per_beat": arguments.frames_per_beat}
    lowest, highest = _range(arguments.ranges)
    editor = page.PianoRoll(
        name=form,
        label="Notes",
        tempo=config.tempo,
        lowest=lowest,
        highest=highest,
        voices=piece_reader.VOICES if has_voices else 0,
        melody="soprano" if has_voices else "",
        **time,
    )
    outputs = {"roll": "roll", "frames": "frames", "midi": "midi_bytes"}
    outputs.update(time, tempo=config.tempo)
    bar = piece_reader.BEATS * arguments.frames_per_beat
    continued = music_views.PianoRoll(
        given=form, given_frames=config.primer_bars * bar, **outputs
    )
    harmonized = music_views.PianoRoll(
        title="Your highest notes, harmonized",
        signature="harmonize",
        arguments={
            "temperature": config.temperature,
            "top_p": config.top_p,
            "tempo": config.tempo,
            "seed": config.sampling_seed,
        },
        given="soprano",
        **outputs,
    )
    surprise = music_views.FrameSurprise(
        title="How surprising your notes are",
        signature="score",
        given=form,
        nats="nats",
        mean="nats_per_frame",
        **time,
    )
    middle = [harmonized] if has_voices else []
    return page.Page(inputs=[editor], views=[continued, *middle, surprise])


def _range(ranges):
    """Returns the lowest and highest MIDI pitch of the editor.

    Args:
      ranges: See `Arguments`.
    """
    # The range of a voice that is never heard is 0, silence.
    lows, highs = zip(*([pair for pair in ranges if pair[1]] or [[1, 1]]))
    lowest = max(1, min(lows) - MARGIN)
    highest = min(frames.KEYS, max(highs) + MARGIN)
    return lowest + frames.LOWEST - 1, highest + frames.LOWEST - 1
