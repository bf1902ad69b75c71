"""Versions are picked up, swapped and reported; `poll` is called by hand."""

import concurrent.futures
import json
import shutil
import threading
import types

import pytest

from common.serving import repository as repository_lib
from common.serving.refusals import Refusal
from tests.common.serving import conftest


def load(model, path):
    """Returns a version that answers unless it has a file `broken`."""
    if (path / "broken").exists():
        raise ValueError(f"secret of {path}")
    assert path.is_dir()
    return types.SimpleNamespace(number=int(path.name))


@pytest.fixture
def events():
    return []


@pytest.fixture
def repository(tmp_path, events):
    return repository_lib.Repository(
        tmp_path, load, lambda *fields: events.append(fields[:3])
    )


def write(tmp_path, *numbers, broken=False, model="m"):
    for number in numbers:
        folder = tmp_path / model / str(number)
        folder.mkdir(parents=True)
        if broken:
            (folder / "broken").write_text("")


def number(repository, *place):
    return repository.find("m", *place).number


def states(repository):
    return {s.version: s.state for s in repository.statuses("m")}


def refusal(function, *args):
    with pytest.raises(Refusal) as caught:
        function(*args)
    return caught.value


def test_the_highest_version_answers(tmp_path, repository, events):
    write(tmp_path, 2, 10, 9)
    (tmp_path / "m" / "12.tmp").mkdir()
    repository.poll()
    assert number(repository) == 10
    assert number(repository, 10) == 10
    assert states(repository) == {10: "AVAILABLE"}
    assert str(refusal(repository.find, "m", 9)) == (
        "Servable not found for request: Specific(m, 9)"
    )
    assert events == [("loaded", "m", 10)]
    repository.poll()
    assert len(events) == 1


def test_a_new_version_replaces_the_old_one(tmp_path, repository, events):
    write(tmp_path, 1)
    repository.poll()
    write(tmp_path, 2)
    repository.poll()
    assert number(repository) == 2
    assert states(repository) == {2: "AVAILABLE", 1: "END"}
    assert refusal(repository.find, "m", 1).http == 404
    assert events[1:] == [("loaded", "m", 2), ("unloaded", "m", 1)]


def test_a_version_answers_when_it_is_reported(tmp_path):
    answered = []

    def on_event(event, model, version, error=None):
        answered.append((number(repository, version), states(repository)))

    repository = repository_lib.Repository(tmp_path, load, on_event)
    write(tmp_path, 1)
    repository.poll()
    assert answered == [(1, {1: "AVAILABLE"})]


def test_the_old_version_answers_until_the_new_one_does(tmp_path):
    write(tmp_path, 1)
    numbers = []

    def slow_load(model, path):
        if path.name == "2":
            numbers.append(number(repository))
            numbers.append(states(repository))
        return load(model, path)

    repository = repository_lib.Repository(tmp_path, slow_load)
    repository.poll()
    write(tmp_path, 2)
    repository.poll()
    assert numbers == [1, {2: "LOADING", 1: "AVAILABLE"}]


def test_a_version_that_does_not_load_is_reported(tmp_path, repository, events):
    write(tmp_path, 1)
    repository.poll()
    write(tmp_path, 2, broken=True)
    repository.poll()
    assert number(repository) == 1
    (status,) = repository.statuses("m", 2)
    assert (status.state, status.code) == ("END", "UNKNOWN")
    assert status.message == "Cannot be loaded (ValueError); see the log."
    assert repository.is_ready
    repository.poll()  # Its files are as before: it is not tried again.
    assert events[1:] == [("failed", "m", 2)]
    (tmp_path / "m" / "2" / "broken").unlink()
    repository.poll()
    assert number(repository) == 2


def test_the_highest_version_that_loads_answers(tmp_path, repository):
    write(tmp_path, 1, 2)
    write(tmp_path, 3, broken=True)
    repository.poll()
    assert number(repository) == 2


def test_without_a_version_that_loads_it_is_not_ready(tmp_path, repository):
    repository.poll()
    assert not repository.is_ready
    write(tmp_path, 1, broken=True)
    repository.poll()
    assert not repository.is_ready
    assert repository.waiting() == ["m"]
    assert str(refusal(repository.find, "m")) == (
        "Servable not found for request: Latest(m)"
    )
    write(tmp_path, 1, model="other")
    write(tmp_path, 2)
    repository.poll()
    assert repository.is_ready


def test_a_removed_version_is_replaced_by_the_one_before(tmp_path, repository):
    write(tmp_path, 1, 2)
    repository.poll()
    shutil.rmtree(tmp_path / "m" / "2")
    repository.poll()
    assert number(repository) == 1
    shutil.rmtree(tmp_path / "m")  # The last one stays.
    repository.poll()
    assert number(repository) == 1


def test_labels_name_further_versions(tmp_path, repository):
    write(tmp_path, 1, 2, 3)
    labels = tmp_path / "m" / "labels.json"
    labels.write_text(json.dumps({"stable": 1, "canary": 3}))
    repository.poll()
    assert number(repository) == 3
    assert number(repository, None, "stable") == 1
    assert number(repository, None, "canary") == 3
    assert number(repository, 1) == 1
    (status,) = repository.statuses("m", None, "stable")
    assert status.version == 1
    assert refusal(repository.find, "m", None, "none").http == 400
    labels.write_text(json.dumps({"stable": 2}))
    repository.poll()
    assert number(repository, None, "stable") == 2
    assert states(repository) == {3: "AVAILABLE", 2: "AVAILABLE", 1: "END"}


@pytest.mark.parametrize("text", ["{", "[]", '{"stable": "2"}'])
def test_wrong_labels_are_reported_once(tmp_path, repository, events, text):
    write(tmp_path, 1, 2)
    labels = tmp_path / "m" / "labels.json"
    labels.write_text(json.dumps({"stable": 1}))
    repository.poll()
    labels.write_text(text)
    repository.poll()
    repository.poll()
    assert number(repository, None, "stable") == 1
    assert events[2:] == [("failed", "m", None)]


def test_a_label_of_a_version_that_does_not_load_stays(tmp_path, repository):
    write(tmp_path, 1, 3)
    write(tmp_path, 2, broken=True)
    labels = tmp_path / "m" / "labels.json"
    labels.write_text(json.dumps({"stable": 1}))
    repository.poll()
    labels.write_text(json.dumps({"stable": 2}))
    repository.poll()
    assert number(repository, None, "stable") == 1


def test_only_one_model_is_served_if_it_is_named(tmp_path):
    write(tmp_path, 1)
    write(tmp_path, 1, model="other")
    repository = repository_lib.Repository(tmp_path, load, only="m")
    repository.poll()
    assert repository.names() == ["m"]
    assert refusal(repository.find, "other").http == 404


def test_versions_change_under_load_without_a_failed_request(tmp_path, serve):
    write_texts(tmp_path, 1)
    client = serve(tmp_path)
    done = threading.Event()

    def ask():
        """Returns the versions that answered, until all swaps are done."""
        versions = []
        while not done.is_set():
            body = {"instances": ["a", "b"]}
            code, answer = client.call("POST", "/v1/models/texts:predict", body)
            assert code == 200, answer
            versions += {row["version"] for row in answer["predictions"]}
        return versions

    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        asking = [clients.submit(ask) for _ in range(4)]
        try:
            for version in (2, 3, 4):
                write_texts(tmp_path, version)
                client.service.repository.poll()
                shutil.rmtree(tmp_path / "texts" / str(version - 1))
        finally:
            done.set()
        for future in asking:
            versions = future.result(60)
            assert versions == sorted(versions)
            assert versions[0] < 4
    body = {"inputs": ["a"]}
    _, answer = client.post("/v1/models/texts:predict", body)
    assert answer["outputs"]["version"] == [4]
    page = client.session.get(f"{client.url}/metrics").text
    assert 'unroll_queue_requests{model="texts",version="4"} 0.0' in page
    assert 'unroll_queue_requests{model="texts",version="3"}' not in page


def write_texts(folder, version):
    """Writes a version beside its place and renames it, as exports do."""
    conftest.Texts(version).save(folder / f"{version}.partial")
    (folder / "texts").mkdir(exist_ok=True)
    (folder / f"{version}.partial").rename(folder / "texts" / str(version))
