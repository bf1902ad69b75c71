"""What the server sends to the page; test_browser.py opens it."""

import json
import re

import pytest

from common.page import views
from common.serving import page
from common.serving.exported_texts import ExportedTexts

FILES = sorted(page.STATIC.iterdir())
SCRIPTS = [path for path in FILES if path.suffix == ".js"]
# Ways in which a text would become markup or code.
FORBIDDEN = (
    *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"),
    *("eval(", "Function(", "srcdoc", "javascript:", "setHTML"),
)


def test_the_page_loads_files_of_this_server_alone(client):
    response = client.session.get(f"{client.url}/")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    assert "script-src 'self'" in policy
    assert "media-src blob:" in policy
    sources = re.findall(r'(?:src|href)="([^"#]+)"', response.text)
    assert "page/main.js" in sources
    for source in sources:
        file = client.session.get(f"{client.url}/{source}")
        assert file.status_code == 200, source
        assert file.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_sent_with_its_type(client, path):
    kinds = {
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
    }
    response = client.session.get(f"{client.url}/page/{path.name}")
    assert response.content == path.read_bytes()
    assert response.headers["Content-Type"] == kinds[path.suffix]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_name_no_other_server_and_no_markup(path):
    text = path.read_text()
    addresses = set(re.findall(r"\w+://[^\s\"')]*", text))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert [word for word in FORBIDDEN if word in text] == []
    assert len(text.splitlines()) <= 350


def test_every_view_has_a_function_that_draws_it():
    text = (page.STATIC / "views.js").read_text()
    drawn = re.findall(r"^  (\w+): draw\w+,$", text, re.MULTILINE)
    kinds = [view.kind for view in views.View.__subclasses__()]
    assert sorted(drawn) == sorted(kinds)


def test_models_are_listed_and_described(client):
    assert client.get("/page/models") == (
        200,
        {
            "models": [
                {"name": "numbers", "title": "numbers"},
                {"name": "texts", "title": "texts"},
            ]
        },
    )
    code, texts = client.get("/page/models/texts")
    assert code == 200
    assert (texts["name"], texts["version"]) == ("texts", 1)
    assert (texts["page"], texts["scores"], texts["card"]) == ({}, {}, "")
    assert texts["signatures"]["repeat"]["inputs"] == {
        "length": {"type": "int32", "shape": [], "optional": True},
        "text": {"type": "string", "shape": [None]},
    }


def test_an_absent_model_is_not_found(client):
    code, answer = client.get("/page/models/absent")
    assert code == 404
    assert answer["error"].startswith("Servable not found")


def test_descriptions_need_the_token_and_files_do_not(serve, exports, tmp_path):
    path = tmp_path / "token"
    path.write_text("secret")
    closed = serve(exports, token_file=str(path), grpc=False)
    for place in ("/page/models", "/page/models/texts"):
        assert closed.get(place)[0] == 401
        header = {"Authorization": "Bearer secret"}
        assert closed.call("GET", place, headers=header)[0] == 200
    assert closed.session.get(f"{closed.url}/").status_code == 200


SCORES = {
    "dataset": "sample",
    "split": "test",
    "examples": 10,
    "primary_metric": "accuracy",
    "metrics": {"accuracy": 1},
    "interval": {"accuracy": [0.5, 1.0]},
    "baselines": {"zero": {"accuracy": 0.5}},
    "best_baseline": "zero",
    "better_than_baseline": True,
    "gain": [0.1, 0.2],
}


def test_the_texts_of_an_export_are_read(tmp_path):
    folder = tmp_path / "assets.extra"
    folder.mkdir()
    (folder / "page.json").write_text('{"title": "Words"}')
    (folder / "MODEL_CARD.md").write_bytes(b"# caf\xe9")
    scores = json.dumps({**SCORES, "details": {"large": [1] * 1000}})
    (folder / "metrics.json").write_text(scores)
    texts = ExportedTexts.read(tmp_path)
    assert (texts.title, texts.card) == ("Words", "# caf\ufffd")
    assert texts.scores == SCORES


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"title": 1, "metrics": {}}',
        b'{"primary_metric": NaN}',
        json.dumps({**SCORES, "gain": ["a"]}).encode(),
        b"[" * 100_000,
    ],
)
def test_texts_that_cannot_be_read_count_as_absent(tmp_path, content):
    folder = tmp_path / "assets.extra"
    folder.mkdir()
    for name in ("page.json", "metrics.json"):
        (folder / name).write_bytes(content)
    texts = ExportedTexts.read(tmp_path)
    assert (texts.title, texts.scores, texts.card) == ("", {}, "")
