"""The page in headless Chromium."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.common.serving import showcase

pytestmark = pytest.mark.browser
CARD = """---
license: none
---

# words

Text with <img src=x onerror=alert(1)> and `code`.

## Scores

    accuracy 0.9

- one
- two
"""
SCORES = {
    "dataset": "sample",
    "split": "test",
    "examples": 1200,
    "primary_metric": "accuracy",
    "metrics": {"accuracy": 0.9, "f1": 0.5},
    "interval": {"accuracy": [0.85, 0.95], "f1": [0.4, 0.6]},
    "baselines": {"Majority": {"accuracy": 0.5}},
    "best_baseline": "Majority",
    "better_than_baseline": True,
    "gain": [0.3, 0.5],
}
PRICES = """Date,Open,Adj Close,Close,Volume
2024-01-04,9,12.5,1,"1,000"
2024-01-02,9,10,1,0
2024-01-03,9,11,1,5
2024-01-05,9,,1,5
2024-01-01,9,1,1,5
"""


@pytest.fixture(scope="module")
def showcases(tmp_path_factory):
    """Returns a folder with a model for each kind of input."""
    folder = tmp_path_factory.mktemp("showcases")
    extra = showcase.save(showcase.Words(), folder / "words")
    (extra / "MODEL_CARD.md").write_text(CARD)
    (extra / "metrics.json").write_text(json.dumps(SCORES))
    showcase.save(showcase.Files(), folder / "files")
    showcase.save(showcase.Prices(), folder / "prices")
    return folder


@pytest.fixture(scope="module")
def url(serve, showcases):
    return serve(showcases).url


@pytest.fixture
def page(browser, url):
    """Opens the page; there must be no error on its console afterwards."""
    browser.open(f"{url}/#words")
    browser.wait("form textarea")
    yield browser
    assert browser.problems() == []


def ask(page, text):
    """Answers a text with the keyboard alone."""
    box = page.wait("form textarea")
    box.clear()
    box.send_keys(text)
    page.driver.switch_to.active_element.send_keys("\ue009\ue007")  # Ctrl Enter
    return page.answer()


def panel(page, kind):
    return page.wait(f".panel.{kind}")


def test_a_text_is_answered_with_all_views(page):
    ask(page, "A good film")
    assert "positive 90.0 %" in panel(page, "probability").text
    assert panel(page, "text").text == "A good film and more"
    assert page.wait(".text .given").text == "A good film"
    assert "<b>rare</b>\n50.0 %" in panel(page, "ranking").text
    assert page.wait("mark.for").text == "good"
    assert "good +2.00, A −0.50" in panel(page, "colored_words").text
    rows = panel(page, "alternatives").text.splitlines()
    assert rows[1:] == ["-0.50 first", "-1.25 second"]
    assert len(page.all(".heat_map tbody tr")) == 3
    assert "end" in panel(page, "heat_map").text
    assert [row.text for row in page.all(".evidence tbody tr")] == [
        "Anna left. 0.75",
        "Ben slept. 0.25",
    ]
    assert page.wait(".evidence .strong th").text == "Anna left."
    assert page.wait("mark.unusual").text == "good"
    assert "good (1 : 2,981)" in panel(page, "surprise").text
    assert len(page.all(".views section")) == 8  # One signature is absent.


@pytest.mark.extended
def test_the_verdict_changes_with_the_text(page):
    assert "negative 75.0 %" in ask(page, "A dull film")
    assert "positive 90.0 %" in ask(page, "A good film")


@pytest.mark.extended
def test_an_example_is_filled_in_and_answered(page):
    page.wait(".examples button").click()
    assert "A good <i>film</i> and more" in page.answer()
    assert page.wait("textarea").get_property("value") == "A good <i>film</i>"


def test_hostile_texts_stay_texts(page):
    text = "good </textarea><script>document.title='x'</script><img src=x>"
    answer = ask(page, text)
    assert f"{text} and more" in answer
    assert "<script>alert(1)</script>" in page.text()
    assert page.all("main img, main script, main b, main i") == []
    assert page.driver.title == "Words – Unroll"


@pytest.mark.extended
def test_the_scores_and_the_card_stand_beside_the_answer(page):
    scores = page.wait(".scores")
    assert (
        "accuracy 0.9000 (0.8500 … 0.9500), Majority 0.5000: better than "
        "Majority, on 1,200 test examples of sample." in scores.text
    )
    scores.find_element("tag name", "button").click()
    card = page.wait("dialog[open]")
    assert "<img src=x onerror=alert(1)> and code." in card.text
    assert "license" not in card.text
    assert [e.text for e in page.all("dialog li")] == ["one", "two"]
    card.find_element("class name", "close").click()
    page.until(lambda: not page.all("dialog[open]"))


@pytest.mark.extended
def test_a_model_that_is_absent_is_named(browser, url):
    browser.open(f"{url}/#absent%20one")
    message = browser.wait("[role=alert]").text
    assert message.startswith("The model absent one is not ready")
    assert browser.all("[aria-current]") == []
    browser.all("nav a")[2].click()
    browser.wait("textarea")


@pytest.mark.extended
def test_a_picture_is_answered(page, tmp_path):
    path = tmp_path / "dot.png"
    Image.new("RGB", (4, 2), (200, 100, 0)).save(path)
    page.all("nav a")[0].click()
    page.wait("form [type=file]").send_keys(str(path))
    page.wait(".preview img")
    page.wait("form .primary").click()
    answer = page.answer()
    assert f"size\n{path.stat().st_size}" in answer.replace(" ", "\n")
    captions = [e.text for e in page.all(".picture_maps figcaption")]
    assert captions == ["a", "dog"]
    assert len(page.all(".frames .strip canvas")) == 2
    assert "0.0–0.3 s up 62.5 %" in panel(page, "timeline").text
    assert len(page.all(".timeline rect")) == 4


@pytest.mark.extended
def test_frames_of_a_numpy_file_are_drawn(page, tmp_path):
    path = tmp_path / "clip.npy"
    np.save(path, np.full([2, 3, 5, 3], [10, 20, 30], np.uint8))
    page.all("nav a")[0].click()
    page.wait("form [type=file]").send_keys(str(path))
    canvas = page.wait(".preview canvas")
    code = "const c = arguments[0]; return [c.width, c.height, "
    code += "...c.getContext('2d').getImageData(4, 2, 1, 1).data]"
    assert page.run(code, canvas) == [5, 3, 10, 20, 30, 255]


@pytest.mark.extended
def test_a_table_of_prices_is_forecast(page, tmp_path):
    """Its rows are sorted, and one without a price is left out."""
    path = tmp_path / "acme.csv"
    path.write_text(PRICES)
    page.all("nav a")[1].click()
    page.wait("form [type=file]").send_keys(str(path))
    page.wait("form .primary").click()
    answer = page.answer()
    assert "12.50 in 3 days; with 80 % between 11.50 … 13.50" in answer
    assert "2024-01-04 ACME" in answer
    assert "volume 1000" in answer
    assert len(page.all(".fan_chart path.band")) == 3
    assert len(page.all(".fan_chart line.grid")) == 5
    assert "[object" not in page.text()


@pytest.mark.extended
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Day,Price\n1,2\n", "There is no column adjclose, close: it has Day"),
        ("Date,Close\n2024-01-02,5\n", "It has 1 rows with a value; 3 are"),
        ("Date,Close\n1 May,5\n", '"1 May" is not a date as 2012-09-12.'),
        ("", "The file is empty."),
    ],
)
def test_a_table_that_cannot_be_read_is_explained(
    page, tmp_path, content, message
):
    path = tmp_path / "acme.csv"
    path.write_text(content)
    page.all("nav a")[1].click()
    page.wait("form [type=file]").send_keys(str(path))
    page.wait("form .primary").click()
    page.until(lambda: message in page.wait(".status.error").text)


@pytest.mark.extended
def test_a_missing_file_is_explained(page):
    page.all("nav a")[0].click()
    page.wait("form [type=file]")
    page.wait("form .primary").click()
    status = page.wait(".status.error")
    assert status.text == "Picture: choose a file first."


@pytest.mark.extended
def test_a_model_without_a_description_has_a_page(browser, client):
    """A field for each input, and a table of the outputs."""
    browser.open(f"{client.url}/#texts")
    box = browser.wait("textarea")
    box.send_keys("<u>ab</u>")
    browser.wait("form .primary").click()
    browser.answer()
    rows = [row.text for row in browser.all(".outputs tr")]
    assert rows == ["length 9", "upper <U>AB</U>", "version 1"]
    assert "exported without scores" in browser.text()


@pytest.mark.extended
def test_refusals_are_explained(browser, showcases, serve):
    server = serve(showcases, max_megabytes=1)
    browser.open(f"{server.url}/#words")
    box = browser.wait("textarea")
    browser.run("arguments[0].value = 'a'.repeat(2**20 + 1)", box)
    browser.wait("form .primary").click()
    status = browser.wait(".status.error")
    assert status.text.startswith("This is too large: The request is larger")
    server.server.stop()
    browser.run("arguments[0].value = 'a'", box)
    browser.wait("form .primary").click()
    browser.until(lambda: "is it still running" in status.text)


@pytest.mark.extended
def test_a_token_is_requested_and_sent(browser, showcases, serve, tmp_path):
    path = tmp_path / "token"
    path.write_text("secret")
    browser.open(f"{serve(showcases, token_file=str(path)).url}/#words")
    browser.wait("#token").send_keys("wrong\n")
    browser.until(lambda: "This token is wrong." in browser.text())
    browser.wait("#token").send_keys("secret\n")
    assert "positive 90.0 %" in ask(browser, "good")


@pytest.mark.extended
def test_the_page_fits_a_phone(browser, url):
    browser.open(f"{url}/#words", width=360, height=740)
    ask(browser, "good " * 30 + "w" * 200)
    assert browser.run("return document.documentElement.scrollWidth") <= 360
    assert browser.run("return innerWidth") == 360


def test_everything_has_a_label_and_is_reached_by_the_keyboard(page):
    """The order: skip link, models, text, answer, example, model card."""
    unlabeled = """return [...document.querySelectorAll("input, textarea")]
      .filter((field) => !field.labels.length).length"""
    assert page.run(unlabeled) == 0
    page.run("document.activeElement.blur()")
    texts = []
    for _ in range(8):
        page.driver.switch_to.active_element.send_keys("\ue004")  # Tab.
        active = page.driver.switch_to.active_element
        texts.append(active.text or active.get_attribute("id"))
    assert texts[:5] == [
        "Skip to the form",
        "Files",
        "Prices",
        "Words",
        "input-text",
    ]
    assert texts[5:] == ["Answer", "A good <i>film</i>", "Model card"]


def test_nothing_is_loaded_from_elsewhere(page, url):
    ask(page, "good")
    code = "return performance.getEntriesByType('resource').map((e) => e.name)"
    names = page.run(code)
    assert f"{url}/page/main.js" in names
    assert [name for name in names if not name.startswith(f"{url}/")] == []
