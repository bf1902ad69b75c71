"""Music on the page, in headless Chromium: the editor, pieces, surprise."""

import base64

import numpy as np
import pytest
import tensorflow as tf

from common.page import music_views
from common.page import page as page_lib
from tests.common.serving import showcase

pytestmark = [pytest.mark.browser, pytest.mark.extended]
MIDI = b"MThd\0\xff"
BEAT = 2  # Frames.
SECOND_BAR = 4 * BEAT
C4 = 60
KEYBOARD = {
    "control": "\ue009",
    "delete": "\ue017",
    "down": "\ue015",
    "end": "\ue010",
    "enter": "\ue007",
    "home": "\ue011",
    "page down": "\ue00f",
    "page up": "\ue00e",
    "right": "\ue014",
    "shift": "\ue008",
    "left": "\ue012",
    "tab": "\ue004",
    "up": "\ue013",
    " ": " ",
}
RECORD_REQUESTS = """
const send = window.fetch;
window.inputs = [];
window.fetch = (path, options) => {
  window.inputs.push(JSON.parse(options.body).inputs);
  return send(path, options);
};
"""


def piece(frames, roll):
    """Returns the outputs for rolls: a C4 of two frames follows them."""
    rows = tf.shape(roll)[0]
    note = tf.one_hot(tf.fill([rows, 2], C4 - 21), 88, dtype=tf.int32)
    return {
        "roll": tf.concat([tf.maximum(roll, 0), note], 1),
        "frames": frames + 2,
        "midi_bytes": tf.fill([rows], MIDI),
    }


def counts(pieces):
    return tf.reduce_sum(tf.cast(pieces[..., 0] >= 0, tf.int32), 1)


def scored(pieces):
    """Returns nats that grow from frame to frame."""
    shape = tf.shape(pieces)[:2]
    nats = tf.cast(tf.range(shape[1]), tf.float32)
    return {
        "nats": tf.tile(nats[None], [shape[0], 1]),
        "nats_per_frame": tf.fill(shape[:1], 2.5),
    }


def editor(**fields):
    return page_lib.PianoRoll(
        label="Notes",
        frames_per_beat=BEAT,
        tempo=300.0,
        lowest=43,
        highest=84,
        **fields,
    )


def piano_roll(given, **fields):
    return music_views.PianoRoll(
        given=given,
        roll="roll",
        frames="frames",
        midi="midi_bytes",
        frames_per_beat=BEAT,
        tempo=300.0,
        **fields,
    )


def surprise(given):
    return music_views.FrameSurprise(
        title="Surprise",
        signature="score",
        given=given,
        nats="nats",
        mean="nats_per_frame",
        frames_per_beat=BEAT,
    )


class Rolls(tf.Module):
    """Continues rolls."""

    ROLL = tf.TensorSpec([None, None, 88], tf.int32, "roll")

    @showcase.signature(ROLL)
    def serve(self, roll):
        return piece(counts(roll), roll)

    @showcase.signature(ROLL)
    def score(self, roll):
        return scored(roll)

    signatures = ("score",)
    page = page_lib.Page(
        title="Rolls",
        inputs=[editor(name="roll")],
        views=[piano_roll("roll"), surprise("roll")],
    )
    examples = (
        {"roll": [[int(key == 41) for key in range(88)]] * 3 + [[-1] * 88]},
    )


def roll_of(voices):
    return tf.reduce_max(tf.one_hot(voices - 21, 88, dtype=tf.int32), -2)


class Voices(tf.Module):
    """Continues two voices, and harmonizes melodies."""

    VOICES = tf.TensorSpec([None, None, 2], tf.int32, "voices")

    @showcase.signature(VOICES)
    def serve(self, voices):
        return piece(counts(voices), roll_of(voices))

    @showcase.signature(VOICES)
    def score(self, voices):
        return scored(voices)

    @showcase.signature(tf.TensorSpec([None, None], tf.int32, "soprano"))
    def harmonize(self, soprano):
        return piece(counts(soprano[..., None]), roll_of(soprano[..., None]))

    signatures = ("score", "harmonize")
    page = page_lib.Page(
        title="Voices",
        inputs=[editor(name="voices", voices=2, melody="soprano")],
        views=[
            piano_roll("voices", given_frames=1),
            piano_roll("soprano", signature="harmonize", title="Harmonized"),
            surprise("voices"),
        ],
    )
    examples = ({"voices": [[72, 0], [72, 48], [-1, -1]]},)


@pytest.fixture(scope="module")
def url(serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pieces")
    showcase.save(Rolls(), folder / "rolls")
    showcase.save(Voices(), folder / "voices")
    return serve(folder).url


def opened(browser, url, name, **size):
    browser.open(f"{url}/#{name}", **size)
    browser.wait(".editor .board")
    browser.run(RECORD_REQUESTS)
    return browser


@pytest.fixture
def page(browser, url):
    """Opens the page; there must be no error on its console afterwards."""
    yield opened(browser, url, "rolls")
    assert browser.problems() == []


def button(page, text):
    """Returns the first button of a name."""
    return next(b for b in page.all("button") if b.text == text)


def ask(page):
    """Sends the form; returns the inputs of the first request."""
    sent = page.run("return window.inputs.length")
    page.wait("form .primary").click()
    page.answer()
    return page.run("return window.inputs")[sent]


def frames_of(roll):
    """Returns the pitches of each frame of a request."""
    roll = np.array(roll[0])
    assert set(np.unique(roll)) <= {0, 1}
    return [[int(key) + 21 for key in np.flatnonzero(row)] for row in roll]


def message(page):
    """Returns the line beside the buttons of the editor."""
    return page.wait(".piano [role=status]").text


def notes(page, selector=".editor .note"):
    """Returns the notes of a drawing: MIDI pitch, first frame, and length."""
    rows = page.run(
        """return [...document.querySelectorAll(arguments[0])].map((note) => {
          const value = (name) => note[name].baseVal.value;
          return [value("y"), value("x"), value("width")];
        })""",
        selector,
    )
    return sorted([84 - int(y), int(x), int(width)] for y, x, width in rows)


def given_notes(view):
    return view.find_elements("css selector", ".note-given.note")


def point(page, pitch, frame):
    """Returns the place of a frame in the window, scrolled into it."""
    return page.run(
        """const picture = document.querySelector(".editor svg");
        picture.scrollIntoView({ block: "center" });
        const { left, top, width, height } = picture.getBoundingClientRect();
        const [, , frames, rows] = picture.getAttribute("viewBox").split(" ");
        return [left + ((arguments[1] + 0.5) / frames) * width,
          top + ((84 - arguments[0] + 0.5) / rows) * height].map(Math.round);
        """,
        pitch,
        frame,
    )


def drag(page, pitch, start, end=None, kind="mouse"):
    """Presses the pointer at a frame, and lifts it at the same or another."""
    from selenium.webdriver.common.actions import action_builder
    from selenium.webdriver.common.actions import pointer_input

    pointer = pointer_input.PointerInput(kind, kind)
    actions = action_builder.ActionBuilder(page.driver, mouse=pointer)
    first, last = point(page, pitch, start), point(page, pitch, end or start)
    actions.pointer_action.move_to_location(*first).pointer_down()
    if end is not None:
        actions.pointer_action.move_to_location(*last)
    actions.pointer_action.pointer_up()
    actions.perform()


def press(page, *names):
    """Presses keys by name, such as "shift right", at the focus."""
    from selenium.webdriver.common import action_chains

    for name in names:
        *held, key = [name] if name in KEYBOARD else name.split()
        actions = action_chains.ActionChains(page.driver)
        for modifier in held:
            actions.key_down(KEYBOARD[modifier])
        actions.send_keys(KEYBOARD[key])
        for modifier in held:
            actions.key_up(KEYBOARD[modifier])
        actions.perform()


def focus_editor(page):
    page.run("document.querySelector('.editor .board').focus()")


def test_a_click_adds_a_note_of_a_beat_and_another_removes_it(page):
    drag(page, C4, 3)
    assert notes(page) == [[C4, 3, BEAT]]
    assert message(page) == "C4, bar 1 beat 2.5: a note of 1 beat"
    drag(page, 67, 0)
    # Until the end of the beat of the last note.
    sent = frames_of(ask(page)["roll"])
    assert sent == [[67], [67], [], [C4], [C4], []]
    drag(page, C4, 4)
    assert notes(page) == [[67, 0, BEAT]]
    assert message(page) == "C4, bar 1 beat 3: no note"


def test_a_note_is_dragged_to_its_end_and_the_next_is_as_long(page):
    drag(page, C4, 1, 5)
    assert notes(page) == [[C4, 1, 5]]
    drag(page, 62, 0)
    assert notes(page) == [[C4, 1, 5], [62, 0, 5]]
    drag(page, C4, 5, 2)
    assert notes(page) == [[C4, 1, 2], [62, 0, 5]]


def test_a_note_that_is_dragged_over_another_and_back_leaves_it(page):
    from selenium.webdriver.common import action_chains

    drag(page, C4, 6)
    drag(page, C4, 0, 1)
    actions = action_chains.ActionChains(page.driver, duration=0)
    box = page.wait(".editor .note")
    middle = point(page, C4, 0)
    far, near = point(page, C4, 6), point(page, C4, 2)
    actions.move_to_element(box).click_and_hold()
    actions.move_by_offset(far[0] - middle[0], 0)
    actions.move_by_offset(near[0] - far[0], 0).release().perform()
    assert [C4, 6, BEAT] in notes(page)
    assert len(notes(page)) == 2


def test_the_board_grows_with_the_notes(page):
    assert page.all(".editor .bar-numbers span")[-1].text == "2"
    drag(page, C4, SECOND_BAR)
    assert page.all(".editor .bar-numbers span")[-1].text == "3"


def test_the_board_does_not_grow_below_the_pointer(page):
    drag(page, C4, SECOND_BAR, SECOND_BAR + 7)
    assert notes(page) == [[C4, SECOND_BAR, 8]]


def test_notes_are_written_with_the_keyboard(page):
    focus_editor(page)
    press(page, "home", " ")
    start = notes(page)[0][0]
    assert notes(page) == [[start, 0, BEAT]]
    press(page, "shift right", "shift right", "shift left")
    assert notes(page) == [[start, 0, 3]]
    press(page, "page up", "down", "control right", "enter")
    assert notes(page) == [[start, 0, 3], [start + 11, 2, BEAT]]
    press(page, "right", "delete")
    assert notes(page) == [[start, 0, 3]]
    assert message(page).endswith("bar 1 beat 2.5: no note")
    press(page, "end", "up")
    assert message(page).endswith("bar 2 beat 4.5: no note")
    press(page, *["page up"] * 5)
    assert message(page).startswith("C6,")
    press(page, *["page down"] * 5)
    assert message(page).startswith("G2,")
    press(page, "control enter")
    page.answer()
    assert (
        frames_of(page.run("return window.inputs[0].roll"))[:3] == [[start]] * 3
    )


def test_the_editor_says_what_it_is(page):
    board = page.wait(".editor .board")
    assert board.accessible_name == "Notes"
    described = board.get_attribute("aria-describedby")
    assert "Space adds or removes a note" in page.wait(f"#{described}").text


def test_without_notes_a_new_piece_is_composed(page):
    assert ask(page)["roll"] == [[[-1] * 88]]
    answer = page.wait(".views").text
    assert "There are no notes to judge." in answer
    assert given_notes(page.wait(".piano_roll")) == []


def test_chords_are_filled_in_and_cleared(page):
    button(page, "Four chords").click()
    assert [72, 0, 8] in notes(page)
    sent = frames_of(ask(page)["roll"])
    assert len(sent) == 16
    assert (sent[0], sent[-1]) == ([48, 55, 64, 72], [48, 55, 64, 72])
    button(page, "Clear").click()
    assert notes(page) == []


def test_an_example_is_filled_in_up_to_its_end(page):
    drag(page, C4, 0)
    page.wait(".examples button").click()
    page.answer()
    assert notes(page) == [[62, 0, 3]]
    sent = frames_of(page.run("return window.inputs[0].roll"))
    assert sent == [[62], [62], [62], []]


def test_given_and_composed_notes_differ(page):
    drag(page, C4, 0)
    ask(page)
    (given,) = notes(page, ".views .note-given.note")
    (composed,) = notes(page, ".views .note-composed.note")
    assert given[1:] == [0, 2]
    assert composed[1:] == [2, 2]
    assert given[0] == composed[0]
    assert "given\ncomposed" in page.wait(".piano_roll").text
    assert "2 beats, 0.4 s" in page.wait(".piano_roll").text
    board = page.wait(".piano_roll .board")
    assert board.accessible_name == "A piece of 2 beats as a piano roll"


def test_the_midi_file_is_a_link(page):
    ask(page)
    link = page.wait(".piano_roll a")
    assert link.get_attribute("download") == "piece.mid"
    kind, content = link.get_attribute("href").split(",")
    assert kind == "data:audio/midi;base64"
    assert base64.b64decode(content) == MIDI


def test_a_piece_is_played_to_its_end(page):
    ask(page)
    play = page.wait(".piano_roll button")
    play.click()
    page.until(lambda: play.text == "Play")
    assert not page.wait(".piano_roll .playhead").is_displayed()


def test_one_thing_is_played_at_a_time(page):
    drag(page, C4, 0)
    button(page, "Four chords").click()
    ask(page)
    # Time stands still, so that nothing ends by itself.
    page.run("""Object.defineProperty(
      BaseAudioContext.prototype, "currentTime", { get: () => 0 })""")
    editor_play, view_play = (b for b in page.all("button") if b.text == "Play")
    editor_play.click()
    assert editor_play.text == "Stop"
    assert page.wait(".editor .playhead").is_displayed()
    view_play.click()
    assert (editor_play.text, view_play.text) == ("Play", "Stop")
    assert not page.wait(".editor .playhead").is_displayed()
    view_play.click()
    assert view_play.text == "Play"


def test_surprising_frames_are_listed_in_their_order(page):
    drag(page, 64, 6)
    drag(page, C4, 0, 7)
    ask(page)
    text = page.wait(".frame_surprise").text
    assert "2.50 nats per frame" in text
    assert text.splitlines()[-5:] == [
        "bar 1 beat 2.5: C4 3.00 nats",
        "bar 1 beat 3: C4 4.00 nats",
        "bar 1 beat 3.5: C4 5.00 nats",
        "bar 1 beat 4: E4 C4 6.00 nats",
        "bar 1 beat 4.5: E4 C4 7.00 nats",
    ]
    titles = page.all(".nats title")
    assert (
        titles[6].get_attribute("textContent")
        == "bar 1 beat 4: 6.00 nats, E4 C4"
    )


@pytest.fixture
def voices(browser, url):
    yield opened(browser, url, "voices")
    assert browser.problems() == []


def test_voices_are_sent_from_high_to_low(voices):
    drag(voices, 72, 0)
    drag(voices, 55, 1)
    sent = ask(voices)
    assert sent["voices"] == [[[72, 0], [72, 55], [55, 0], [0, 0]]]
    requests = voices.run("return window.inputs")
    assert [*requests[1]] == ["soprano"]
    assert requests[1]["soprano"] == [[72, 72, 55, 0]]
    continued, harmonized = voices.all(".views .piano_roll")
    assert "Harmonized" in harmonized.text
    # The first view says that the model reads one frame alone.
    assert len(given_notes(continued)) == 1
    assert len(given_notes(harmonized)) == 2


def test_more_notes_than_voices_are_refused(voices):
    for pitch in (60, 64, 67):
        drag(voices, pitch, 2)
    voices.wait("form .primary").click()
    error = voices.wait(".status.error").text
    assert error == (
        "Notes: 3 notes at bar 1 beat 2; at most 2 may sound together."
    )
    assert voices.run("return window.inputs") == []


def test_an_example_of_voices_is_filled_in(voices):
    voices.wait(".examples button").click()
    voices.answer()
    assert notes(voices) == [[48, 1, 1], [72, 0, 2]]


def test_music_fits_a_phone_and_fingers_scroll_it(browser, url):
    page = opened(browser, url, "rolls", width=360, height=740)
    drag(page, C4, 2, kind="touch")
    assert notes(page) == [[C4, 2, BEAT]]
    drag(page, C4, 2, 6, kind="touch")
    assert notes(page) == [[C4, 2, 5]]
    drag(page, 65, 7, 1, kind="touch")
    assert notes(page) == [[C4, 2, 5]]
    drag(page, C4, 4, kind="touch")
    assert notes(page) == []
    button(page, "Four chords").click()
    ask(page)
    assert page.run("return document.documentElement.scrollWidth") <= 360
    assert page.problems() == []


def test_everything_is_reached_by_the_keyboard(page):
    button(page, "Four chords").click()
    ask(page)
    focus_editor(page)
    reached = []
    while "The nats of each frame over time" not in reached:
        active = page.driver.switch_to.active_element
        reached.append(active.accessible_name)
        press(page, "tab")
    assert reached == [
        *("Notes", "Play", "Four chords", "Clear", "Answer", "Example 1"),
        *("The notes over time", "Play", "Download the MIDI file"),
        "The nats of each frame over time",
    ]
