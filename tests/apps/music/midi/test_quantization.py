"""Rolls, voices and melodies of notes."""

import numpy as np
import pytest

from apps.music.data.midi import quantization
from apps.music.data.midi import reader
from common.errors import UserError
from tests.apps.music.midi import files


def read(events, **options):
    return reader.read(files.one_track(events, **options), "x.mid")


def parts(*tracks):
    content = b"".join(
        files.track(bytes.fromhex(events) + files.END) for events in tracks
    )
    return reader.read(files.header(1, len(tracks)) + content, "x.mid")


def note(pitch, channel=0, ticks="8360", wait="00"):
    """Returns a note of a beat."""
    return f"{wait}9{channel:x}{pitch:02x}40{ticks}8{channel:x}{pitch:02x}00"


def refusal(function, *arguments):
    with pytest.raises(UserError) as error:
        function(*arguments)
    return str(error.value)


def sounding(roll):
    return [list(map(int, np.flatnonzero(frame) + 21)) for frame in roll]


def test_a_roll_has_the_notes_of_each_frame():
    roll = quantization.roll(read(note(60) + note(108) + note(21)), 2)
    assert roll.dtype == np.int32
    assert sounding(roll) == [[60], [60], [108], [108], [21], [21]]


def test_times_are_rounded_to_the_nearest_frame():
    # 1/8 of a beat is the half of a frame; 1 tick less is not.
    late, early = note(60, wait="3c"), note(60, wait="3b")
    assert sounding(quantization.roll(read(late), 4)) == [[], *[[60]] * 4]
    assert sounding(quantization.roll(read(early), 4)) == [[60]] * 4


def test_a_short_note_has_one_frame():
    notes = read(note(60, ticks="01"))
    assert sounding(quantization.roll(notes, 4)) == [[60]]


def test_tempo_does_not_change_the_frames():
    slow = "00ff510316e360"  # 40 beats a minute.
    notes = read(note(60) + slow + note(62))
    assert sounding(quantization.roll(notes, 1)) == [[60], [62]]


def test_a_melody_is_the_highest_note():
    notes = read("00903c40" + note(64) + "8360803c00" + note(62, wait="8360"))
    melody = quantization.melody(notes, 1)
    assert melody.tolist() == [64, 60, 0, 62]


def test_voices_are_tracks_by_their_mean_pitch():
    notes = parts(note(48), note(60), note(72) + note(50), note(55))
    voices = quantization.voices(notes, 1)
    assert voices.tolist() == [[72, 60, 55, 48], [50, 0, 0, 0]]


def test_voices_may_be_channels():
    events = "".join(note(70 - 5 * channel, channel) for channel in range(4))
    voices = quantization.voices(read(events), 1)
    assert voices.tolist() == np.diag([70, 65, 60, 55]).tolist()


def test_voices_of_other_files_are_ordered_by_height():
    assert quantization.voices(read(note(60)), 1).tolist() == [[60, 0, 0, 0]]
    three = parts(note(48), note(60), note(55))
    assert quantization.voices(three, 1).tolist() == [[60, 55, 48, 0]]
    five = parts(*map(note, (48, 50, 52, 54, 56)))
    assert "5 notes at once" in refusal(quantization.voices, five, 1)


def test_voices_have_no_chords():
    chord = "00904040" + note(60) + "00804000"
    notes = parts(note(48), note(60), note(72), chord)
    assert "Track 4 of x.mid has several notes at once" in refusal(
        quantization.voices, notes, 1
    )


def test_notes_of_a_voice_may_overlap_a_little():
    legato = "00904840" + "8350903240" + "10804800" + "60803200"
    notes = parts(note(48), note(55), note(40), legato)
    voices = quantization.voices(notes, 4)
    assert voices[:, 0].tolist() == [72, 72, 72, 72, 50]


def test_files_without_notes_are_refused():
    notes = read("00803c00")
    assert not len(notes.pitch)
    assert "x.mid has no complete notes: " in refusal(
        quantization.roll, notes, 1
    )


def test_long_pieces_are_refused():
    notes = read(note(60, ticks="ffff7f"))
    assert "419,430 frames" in refusal(quantization.roll, notes, 96)


def test_held_notes_are_those_of_the_frames():
    generator = np.random.default_rng(3)
    roll = (generator.random([50, 88]) < 0.4).astype(np.int32)
    again = np.zeros_like(roll)
    starts = []
    for start, end, pitch, voice in quantization.held_notes(roll):
        assert not again[max(start - 1, 0) : end + 1, pitch - 21].any()
        again[start:end, pitch - 21] = 1
        starts.append(start)
        assert voice == 0
    np.testing.assert_array_equal(again, roll)
    assert starts == sorted(starts)


def test_held_notes_of_voices_change_with_the_pitch():
    voices = np.array([[60, 0], [62, 50], [62, 50], [-1, -1]])
    voices = np.pad(voices, [(0, 0), (0, 2)])
    notes = quantization.held_notes(voices)
    assert notes.tolist() == [[0, 1, 60, 0], [1, 3, 62, 0], [1, 3, 50, 1]]
    assert len(quantization.held_notes(np.zeros([0, 4], int))) == 0
