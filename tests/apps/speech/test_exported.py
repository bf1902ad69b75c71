"""The exported recognizer of streams: the code of the README, the benchmark."""

import pathlib
import re

import pytest

from apps.speech import Speech
from benchmarks import speech as benchmark
from tests.apps import exporting

README = pathlib.Path(__file__).parents[3] / "apps" / "speech" / "README.md"
PATH = "saved_models/speech/1"

pytestmark = pytest.mark.extended


@pytest.fixture(scope="module")
def version(forward_model, recordings, tmp_path_factory):
    """The folder of an export of a model that reads forward."""
    folder = tmp_path_factory.mktemp("saved_models")
    contents, transcripts, _ = zip(*recordings)
    examples = {"audio": [*contents]}, {"transcript": [*transcripts]}
    return exporting.export(Speech, forward_model, examples, folder)


def test_the_code_of_the_readme_runs(
    version, recordings, tmp_path, monkeypatch, capsys
):
    (tmp_path / "clip.wav").write_bytes(recordings[0].content)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        assert PATH in block
        exec(block.replace(PATH, str(version)), {})
    lines = capsys.readouterr().out.splitlines()
    words = [line for line in lines if re.match(r"[\d.]+-[\d.]+ s: \w+", line)]
    assert words
    assert len(lines) == len(words) + 11


def test_the_benchmark_prints_its_figures(version, capsys):
    benchmark.measure(version, rounds=2)
    one, stream = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"one second of audio: median [\d.]+ ms, 95th percentile [\d.]+ ms, "
        r"2 times",
        one,
    )
    assert re.fullmatch(
        r"a stream in chunks of 0.1 s: real-time factor [\d.]+, 1 times 10 s",
        stream,
    )
