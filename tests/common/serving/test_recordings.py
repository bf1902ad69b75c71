"""Recordings on the page, in headless Chromium: files, microphone, words."""

import base64
import io
import json

import numpy as np
import pytest
import soundfile
import tensorflow as tf

from common.page import page as page_lib
from common.page import views
from tests.common.audio import recordings
from tests.common.serving import showcase

pytestmark = [pytest.mark.browser, pytest.mark.extended]
RATE = 16_000  # Of converted files, samples a second.
SAMPLES = recordings.tone(4000)
SILENT = recordings.file(np.zeros(4000))
NOTHING_HEARD = recordings.file(np.zeros(3))
# Keeps the bodies of requests.
RECORD_REQUESTS = """
const send = window.fetch;
window.bodies = [];
window.fetch = (path, options) => {
  window.bodies.push(options.body);
  return send(path, options);
};
"""
PLAYER = "document.querySelector('.preview audio')"


class Words(tf.Module):
    """Recognizes the same words in all WAV files, none in tiny ones."""

    @showcase.signature(tf.TensorSpec([None], tf.string, "audio"))
    def serve(self, audio):
        rows = tf.shape(audio)[0]
        is_wav = tf.equal(tf.strings.substr(audio, 0, 4), "RIFF")
        has_words = is_wav & (tf.strings.length(audio) > 100)

        def column(values):
            return tf.tile([values], [rows, 1])

        return {
            "transcript": tf.where(has_words, "four <b>two</b> nine", ""),
            "words": column(["four", "<b>two</b>", "nine", ""]),
            "word_start": column([0.0, 0.5, 1.0, 0.0]),
            "word_end": column([0.25, 1.0, 1.5, 0.0]),
            "word_confidence": column([0.9999, 0.75, 0.25, 0.0]),
            "alternatives": column(["four <b>two</b> nine", "four", ""]),
            "alternative_scores": column([-0.5, -2.25, -1e31]),
            "seconds": tf.where(is_wav, 2.0, 0.0),
        }

    signatures = ()
    page = page_lib.Page(
        title="Speech",
        inputs=[
            page_lib.Input(name="audio", label="Recording", kind="recording")
        ],
        views=[
            views.Transcript(
                recording="audio",
                transcript="transcript",
                words="words",
                start="word_start",
                end="word_end",
                confidence="word_confidence",
                seconds="seconds",
            ),
            views.Alternatives(
                title="Alternatives",
                texts="alternatives",
                scores="alternative_scores",
            ),
        ],
    )
    examples = ({"audio": {"b64": base64.b64encode(SILENT).decode()}},)


@pytest.fixture(scope="module")
def url(serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("recordings")
    showcase.save(Words(), folder / "speech")
    showcase.save(showcase.Words(), folder / "words")
    return serve(folder).url


@pytest.fixture
def page(browser, url):
    """Opens the page; there must be no error on its console afterwards."""
    browser.open(f"{url}/#speech")
    browser.wait("form [type=file]")
    browser.run(RECORD_REQUESTS)
    yield browser
    assert browser.problems() == []


@pytest.fixture
def choose(page, tmp_path):
    """Returns a function that chooses a file of some content."""

    def send(content, name="speech.wav"):
        path = tmp_path / name
        path.write_bytes(content)
        page.wait("form [type=file]").send_keys(str(path))

    return send


@pytest.fixture
def microphone(page, url):
    """Returns a function that allows or blocks the microphone."""
    send = page.driver.execute_cdp_cmd

    def allow(setting):
        permission = {"permission": {"name": "microphone"}, "origin": url}
        send("Browser.setPermission", {**permission, "setting": setting})

    yield allow
    send("Browser.resetPermissions", {})


def ask(page):
    """Sends the form; returns the file that the browser has sent."""
    page.wait("form .primary").click()
    page.answer()
    body = json.loads(page.run("return window.bodies.at(-1)"))
    return base64.b64decode(body["inputs"]["audio"][0]["b64"])


def message(page):
    """Returns the line below the file."""
    return page.wait(".drop [role=status]").text


def encoded(kind, samples=SAMPLES, rate=RATE, subtype=None):
    """Returns a file that soundfile writes."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=kind, subtype=subtype)
    return file.getvalue()


def read(content):
    """Returns the samples of a file, its rate and its encoding."""
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        return file.read(), file.samplerate, (file.format, file.subtype)


@pytest.mark.parametrize("bits", [16, 24])
def test_a_wav_file_is_sent_as_it_is(page, choose, bits):
    content = recordings.file(SAMPLES, bits, rate=8000)
    choose(content)
    assert ask(page) == content
    assert message(page) == ""


@pytest.mark.parametrize(("kind", "subtype"), [("FLAC", None), ("WAV", "ALAW")])
def test_other_files_are_converted_to_the_same_samples(
    page, choose, kind, subtype
):
    content = encoded(kind, subtype=subtype)
    choose(content, "speech.bin")
    samples, rate, form = read(ask(page))
    assert (rate, form) == (RATE, ("WAV", "PCM_16"))
    np.testing.assert_array_equal(samples, read(content)[0])
    assert message(page) == "speech.bin: 0.3 s, converted to WAV."


def streamed(kind, codec, samples, rate):
    """Returns a file that PyAV writes."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            samples[None].astype(np.float32), "fltp", "mono"
        )
        frame.sample_rate = rate
        for part in (frame, None):
            container.mux(stream.encode(part))
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "codec", "rate"),
    [
        *(("MP3", "", 44_100), ("OGG", "", 8000)),
        *(("mp4", "aac", 44_100), ("webm", "libopus", 48_000)),
    ],
)
def test_compressed_files_of_any_rate_sound_the_same(
    page, choose, kind, codec, rate
):
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate)
    if codec:
        choose(streamed(kind, codec, tone, rate), "speech.m4a")
    else:
        choose(encoded(kind, tone, rate), "speech.mp3")
    samples, new_rate, form = read(ask(page))
    assert (new_rate, form) == (RATE, ("WAV", "PCM_16"))
    assert len(samples) == pytest.approx(2 * RATE, rel=0.05)
    middle = samples[RATE // 2 : RATE // 2 + RATE]
    assert np.abs(np.fft.rfft(middle)).argmax() == 440
    assert np.abs(middle).max() == pytest.approx(0.5, rel=0.1)


def test_channels_are_mixed_without_the_silent_ones(page, choose):
    stereo = np.stack([SAMPLES, np.zeros(4000)], 1)
    choose(encoded("FLAC", stereo), "stereo.flac")
    np.testing.assert_array_equal(read(ask(page))[0], SAMPLES)
    choose(encoded("FLAC", np.stack([SAMPLES, -SAMPLES / 2], 1)), "both.flac")
    np.testing.assert_allclose(read(ask(page))[0], SAMPLES / 4, atol=2**-15)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<script>" * 100, "The browser cannot read this as sound; choose a"),
        (b"", "The file is empty."),
    ],
)
def test_a_file_that_is_no_sound_is_explained(page, choose, content, problem):
    choose(SILENT)
    choose(content, "odd.mp3")
    page.wait("form .primary").click()
    page.until(lambda: problem in page.wait(".status.error").text)
    assert message(page).startswith(f"odd.mp3: {problem}")
    assert page.all(".preview audio") == []
    choose(SILENT)
    assert ask(page) == SILENT


def test_a_missing_recording_is_explained(page):
    page.wait("form .primary").click()
    status = page.wait(".status.error")
    assert status.text == "Recording: choose a file, or record, first."


def test_the_words_are_drawn_with_time_and_confidence(page, choose):
    choose(SILENT)
    ask(page)
    words = page.all(".transcript .answer button")
    assert [word.text for word in words] == ["four", "<b>two</b>", "nine"]
    assert page.wait(".transcript .answer").text == "four <b>two</b> nine"
    assert [word.get_attribute("title") for word in words] == [
        "0.00–0.25 s, confidence > 99.9 %",
        "0.50–1.00 s, confidence 75.0 %",
        "1.00–1.50 s, confidence 25.0 %",
    ]
    lines = [
        word.value_of_css_property("text-decoration-style") for word in words
    ]
    assert lines == ["solid", "dotted", "wavy"]
    underlined = [
        "underline" in word.value_of_css_property("text-decoration-line")
        for word in words
    ]
    assert underlined == [False, True, True]
    assert page.all("main b") == []
    rows = page.wait(".alternatives").text.splitlines()
    assert rows[-2:] == ["-0.50 four <b>two</b> nine", "-2.25 four"]


def test_the_words_stand_at_their_times(page, choose):
    """Those of a recording of two seconds, as shares of its width."""
    choose(SILENT)
    ask(page)
    boxes = """const track = document.querySelector(".track");
      const { left, width } = track.getBoundingClientRect();
      return [...track.querySelectorAll("div, span")].map((part) => {
        const box = part.getBoundingClientRect();
        return [(box.left - left) / width, box.width / width];
      })"""
    places = np.array(page.run(boxes))
    np.testing.assert_allclose(
        places[:3], [[0, 0.125], [0.25, 0.25], [0.5, 0.25]], atol=1e-3
    )
    np.testing.assert_allclose(places[3:, 0], [0, 0.5], atol=1e-3)
    assert [tick.text for tick in page.all(".track span")] == ["0 s", "1 s"]


@pytest.mark.parametrize("selector", [".answer .word", ".track .word"])
@pytest.mark.parametrize("key", ["", "\ue007"], ids=["pointer", "Enter"])
def test_a_word_that_is_pressed_is_played(page, choose, selector, key):
    choose(recordings.file(np.zeros(3 * RATE)))
    ask(page)
    page.run(f"""window.starts = [];
      {PLAYER}.addEventListener("seeking", (event) =>
        window.starts.push(event.target.currentTime))""")
    word = page.all(f".transcript {selector}")[1]
    word.send_keys(key) if key else word.click()
    page.until(lambda: page.run(f"return {PLAYER}.currentTime") > 0.5)
    assert page.run("return window.starts") == [0.5]
    assert page.wait(".transcript").text.endswith(
        "<b>two</b>: 0.50–1.00 s, confidence 75.0 %"
    )


def test_words_of_a_recording_that_was_replaced_are_not_played(page, choose):
    choose(SILENT)
    ask(page)
    choose(recordings.file(np.zeros(3 * RATE)), "other.wav")
    page.until(lambda: page.run(f"return {PLAYER}?.duration") == 3)
    page.all(".transcript .answer .word")[1].click()
    assert "can no longer be played here" in page.wait(".transcript").text
    assert page.run(f"return {PLAYER}.currentTime") == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (NOTHING_HEARD, "No words were recognized."),
        (b"RF64\0\0\0\0WAVE", "This recording cannot be read."),
    ],
)
def test_answers_without_words_are_explained(page, choose, content, sentence):
    choose(content)
    assert ask(page) == content
    assert page.wait(".transcript").text == sentence


def test_a_wav_file_that_the_browser_cannot_play_is_answered(page, choose):
    choose(b"RF64\0\0\0\0WAVE")
    text = "The browser cannot play this file."
    page.until(lambda: page.wait(".preview").text == text)
    ask(page)
    choose(SILENT, "other.wav")
    page.until(lambda: page.all(".preview audio"))


def test_an_example_is_played_and_answered(page, choose):
    choose(encoded("FLAC"), "speech.flac")
    page.wait(".examples button").click()
    assert "nine" in page.answer()
    assert page.run("return window.bodies.at(-1)").count("UklGR") == 1
    page.until(lambda: page.run(f"return {PLAYER}.duration") == 0.25)
    assert message(page) == "Example 1"


def test_the_microphone_is_recorded(page, microphone):
    """Chromium's test device beeps."""
    microphone("granted")
    page.wait(".drop button").click()
    page.until(lambda: page.wait(".drop button").text == "Stop")
    assert "Recording, for at most" in message(page)
    page.until(lambda: page.wait("[role=timer]").text == "2 s")
    page.wait(".drop button").click()
    page.until(lambda: page.all(".preview audio"))
    assert page.wait(".drop button").text == "Record"
    assert message(page).endswith("s, converted to WAV.")
    samples, rate, form = read(ask(page))
    assert (rate, form) == (RATE, ("WAV", "PCM_16"))
    assert len(samples) > RATE
    assert np.abs(samples).max() > 0.01


def test_an_answer_ends_the_recording(page, microphone):
    microphone("granted")
    page.wait(".drop button").click()
    page.until(lambda: page.wait("[role=timer]").text == "1 s")
    samples, _, _ = read(ask(page))
    assert len(samples) > RATE // 4
    assert page.wait(".drop button").text == "Record"


def test_a_long_recording_ends_by_itself(page, microphone):
    microphone("granted")
    page.run("""const now = performance.now.bind(performance);
      window.later = 0;
      performance.now = () => now() + window.later;""")
    page.wait(".drop button").click()
    page.until(lambda: page.wait("[role=timer]").text == "1 s")
    page.run("window.later = 300_000")
    page.until(lambda: page.all(".preview audio"))
    assert page.wait(".drop button").text == "Record"


def test_a_chosen_file_drops_the_recording(page, microphone, choose):
    microphone("granted")
    page.wait(".drop button").click()
    page.until(lambda: page.wait(".drop button").text == "Stop")
    choose(SILENT)
    page.until(lambda: page.wait(".drop button").text == "Record")
    assert ask(page) == SILENT


def test_the_microphone_is_off_when_the_page_is_left(page, microphone):
    microphone("granted")
    page.run("""const open = navigator.mediaDevices.getUserMedia;
      navigator.mediaDevices.getUserMedia = async (constraints) => {
        window.stream = await open.call(navigator.mediaDevices, constraints);
        return window.stream;
      }""")
    page.wait(".drop button").click()
    state = "return window.stream?.getTracks()[0].readyState"
    page.until(lambda: page.run(state) == "live")
    page.all("nav a")[1].click()
    page.until(lambda: page.run(state) == "ended")


def test_a_blocked_microphone_is_explained(page, microphone):
    microphone("denied")
    page.wait(".drop button").click()
    page.until(lambda: "The microphone is blocked: allow" in message(page))
    assert page.wait(".drop button").text == "Record"


@pytest.mark.parametrize(
    ("place", "name", "sentence"),
    [
        ("window", "isSecureContext", "only on pages of localhost or with"),
        ("navigator", "mediaDevices", "This browser does not record: choose"),
    ],
)
def test_a_page_that_cannot_record_is_explained(page, place, name, sentence):
    page.run(f"Object.defineProperty({place}, '{name}', {{value: undefined}})")
    page.wait(".drop button").click()
    page.until(lambda: sentence in message(page))


def test_a_machine_without_a_microphone_is_explained(page):
    page.run("""navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException("none", "NotFoundError");
    }""")
    page.wait(".drop button").click()
    page.until(lambda: "There is no microphone: connect" in message(page))


def test_recordings_fit_a_phone(page, choose, url):
    page.open(f"{url}/#speech", width=360, height=740)
    choose(SILENT, "a" * 100 + ".wav")
    page.wait("form .primary").click()
    page.answer()
    assert page.run("return document.documentElement.scrollWidth") <= 360


def test_everything_is_reached_by_the_keyboard(page, choose):
    """The words over time are the same ones: Tab skips them."""
    from selenium.webdriver.common import action_chains

    choose(SILENT)
    ask(page)
    page.run("document.querySelector('form [type=file]').focus()")
    reached = []
    while "The words over time" not in reached:
        active = page.driver.switch_to.active_element
        name = active.get_attribute("aria-label") or active.text
        reached.append(name or active.tag_name)
        keys = action_chains.ActionChains(page.driver)
        keys.send_keys("\ue004").perform()  # Tab.
    assert [
        name for i, name in enumerate(reached) if name not in reached[:i]
    ] == [
        "input",
        "Record",
        "The recording",
        "Answer",
        "Example 1",
        "four",
        "<b>two</b>",
        "nine",
        "The words over time",
    ]
