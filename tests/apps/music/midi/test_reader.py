"""Notes of MIDI files, also of odd, damaged and unusual ones."""

import json
import random

import numpy as np
import pytest

from apps.music.data.midi import reader
from common.errors import UserError
from tests.apps.music.midi import files


def notes_of(content):
    """Returns triples of start, end in seconds and pitch."""
    notes = reader.read(content, "x.mid")
    return [
        (round(start, 6), round(end, 6), pitch)
        for start, end, pitch in zip(
            notes.start.tolist(), notes.end.tolist(), notes.pitch.tolist()
        )
    ]


def refusal(content):
    with pytest.raises(UserError) as error:
        reader.read(content, "x.mid")
    return str(error.value)


def warnings_of(content):
    return " ".join(reader.read(content, "x.mid").warnings)


TWO = [(0, 0.5, 60), (0.5, 1, 64)]


def test_notes_have_times_in_seconds_and_beats():
    tempo = "00ff51030f4240"  # 60 beats a minute.
    content = files.one_track(tempo + "8360913c408360813c00")
    notes = reader.read(content, "x.mid")
    assert (notes.start_beat, notes.end_beat) == ([1], [2])
    assert (notes.start, notes.end) == ([1], [2])
    assert (notes.pitch, notes.velocity) == ([60], [64])
    assert (notes.channel, notes.track) == ([1], [0])
    assert (notes.seconds, notes.beats, notes.tempo) == (2, 2, 60)
    assert notes.warnings == ()


def test_a_piece_may_end_in_silence():
    content = files.header() + files.track(
        bytes.fromhex("00903c408360803c008f00ff2f00")
    )
    assert reader.read(content, "x.mid").beats == 5


def test_smpte_time_has_120_beats_a_minute():
    # 25 frames of 40 ticks a second; the tempo is ignored.
    content = files.one_track(
        "00ff51030f424000903c408768803c00", -25 * 256 + 40
    )
    notes = reader.read(content, "x.mid")
    assert (notes.end, notes.end_beat, notes.tempo) == ([1], [2], 120)


def test_a_key_that_is_struck_again_ends_its_note():
    content = files.one_track("00903c408360903c408360803c00")
    assert notes_of(content) == [(0, 0.5, 60), (0.5, 1, 60)]


def test_an_end_after_the_next_beginning_ends_the_note_before():
    content = files.one_track("00903c408360903c4000803c008360803c00")
    assert notes_of(content) == [(0, 0.5, 60), (0.5, 1, 60)]


def test_the_pedal_of_a_channel_holds_the_notes_of_all_tracks():
    pedal = files.track(bytes.fromhex("00b0407f8740b04000") + files.END)
    keys = files.track(bytes.fromhex("00903c408360803c00") + files.END)
    content = files.header(1, 2) + pedal + keys
    assert notes_of(content) == [(0, 1, 60)]


@pytest.mark.parametrize(
    ("control", "end"), [("b07800", 0.5), ("b07b00", 1), ("b07900", 1)]
)
def test_controls_end_notes(control, end):
    pedal, up = "00b0407f", "8360b04000"
    content = files.one_track(f"{pedal}00903c408360{control}{up}00803c00")
    assert notes_of(content) == [(0, end, 60)]


def test_meta_events_leave_the_running_status():
    content = files.one_track("00903c4000ff01014100404083603c00004000")
    assert notes_of(content) == [(0, 0.5, 60), (0, 0.5, 64)]


def test_reads_files_within_riff_and_after_other_bytes():
    content = files.header() + files.track(files.TWO_NOTES)
    riff = b"RIFF\x50\0\0\0RMIDdata\x2c\0\0\0" + content
    assert notes_of(riff) == TWO
    assert not warnings_of(riff)
    assert notes_of(bytes(128) + content) == TWO
    assert "128 bytes before" in warnings_of(bytes(128) + content)


@pytest.mark.parametrize("size", [0, 5, 21, 23, 30, 2**32 - 1])
def test_tracks_of_a_wrong_size_are_complete(size):
    tracks = files.track(files.TWO_NOTES, size) + files.track(files.TWO_NOTES)
    content = files.header(1, 2) + tracks
    assert notes_of(content) == sorted(TWO * 2)


def test_stops_at_the_broken_byte_and_says_so():
    content = files.one_track("00903c408360803c000090ff40")
    assert notes_of(content) == [(0, 0.5, 60)]
    assert "byte 33 is 255" in warnings_of(content)


def test_names_what_is_no_midi_file():
    assert "but a ZIP archive" in refusal(b"PK\x03\x04" + bytes(20))
    assert "not a MIDI file:" in refusal(b"something else")
    assert "x.mid is empty" in refusal(b"")
    assert "within its header" in refusal(files.header()[:10])
    assert "2,097,152 bytes" in refusal(bytes(2**21 + 1))


def test_lists_the_first_of_many_oddities():
    content = files.header(1, 9) + files.track(files.TWO_NOTES)
    content += files.track(b"\0\x90") * 8
    warnings = reader.read(content, "x.mid").warnings
    assert len(warnings) == 6
    assert warnings[-1] == "x.mid: further oddities: 3."


def test_refuses_files_of_drums():
    content = files.one_track("00993c408360893c00")
    assert "notes of drums (channel 10), left out: 1" in refusal(content)


def test_refuses_pieces_longer_than_a_day():
    content = files.one_track("00903c40ffffff7f803c00", 1)
    assert "37,283 hours" in refusal(content)
    fastest = "00ff5103000001"
    content = files.one_track(fastest + "00903c40ffffff7f803c00", 1)
    assert "0 hours and 268,435,455 beats" in refusal(content)


def test_damaged_files_have_notes_or_one_error():
    generator = random.Random(1)
    tempo, pedal = "00ff51030f4240", "00b0407f"
    first = files.one_track(tempo + pedal + "00903c4083603c0000b04000")[14:]
    content = files.header(1, 2) + first + files.track(files.TWO_NOTES)
    count = 0
    for _ in range(1000):
        damaged = bytearray(content)
        for _ in range(generator.randint(1, 4)):
            place = generator.randrange(len(damaged))
            damaged[place] = generator.randrange(256)
        del damaged[generator.randint(len(damaged) // 2, 2 * len(damaged)) :]
        try:
            notes = reader.read(bytes(damaged), "x.mid")
        except UserError as error:
            assert "x.mid" in str(error)
            continue
        count += 1
        assert np.all(notes.start < notes.end)
        assert np.all(notes.end <= notes.seconds)
        assert np.all(notes.end_beat <= notes.beats)
    assert 500 < count < 1000


@pytest.mark.real_data
def test_the_cases_have_the_stated_notes(public_data):
    folder = public_data("../cases") / "midi"
    expected = json.loads((folder / "expected.json").read_text())
    expected["truncated_mid_event.mid"] = [[0, 0.5, 60]]
    for name, notes in expected.items():
        content = (folder / name).read_bytes()
        if isinstance(notes, str):
            assert refusal(content), name
        else:
            assert notes_of(content) == list(map(tuple, notes)), name
    for name, text in {
        "truncated_mid_event.mid": "is cut off at byte 37",
        "ntracks_header_too_many.mid": "5 tracks, it has 1",
        "note_never_off.mid": "never end, and last to the end of the piece: 1",
        "type2.mid": "track 1 is read",
        "running_status_no_first.mid": "ignored: 1",
        "drums_ch10.mid": "drums (channel 10), left out: 1",
    }.items():
        assert text in warnings_of((folder / name).read_bytes()), name
    for name, text in {
        "pitch_out_of_piano.mid": "left out: 2",
        "division_0.mid": "0 ticks a quarter note",
        "xml_named_mid.mid": "MusicXML",
        "empty_track.mid": "has no notes",
        "no_tracks.mid": "has no notes",
    }.items():
        assert text in refusal((folder / name).read_bytes()), name
