"""The commands that serve: one line for a mistake, a graceful end."""

import json
import signal
import subprocess
import sys

import pytest
import requests

import common.serving
from common.command_line import process
from common.serving import command


def run(*args, **keywords):
    return process.run("serving", lambda: command.run(*args, **keywords))


def test_without_a_model_there_is_a_remedy(tmp_path, capsys):
    assert run({"saved_models": str(tmp_path)}, only="toy") == 1
    assert capsys.readouterr().err == (
        f"serving: No SavedModel in {tmp_path}/toy: run `export` first, or set "
        "--saved_models.\n"
    )
    (tmp_path / "folder").mkdir()
    assert run({"saved_models": str(tmp_path)}) == 1
    assert "export a model to it" in capsys.readouterr().err


@pytest.mark.parametrize("package", ["uvicorn", "starlette"])
def test_an_absent_package_is_named(exports, capsys, monkeypatch, package):
    for name in ("lifetime", "server", "rest"):
        monkeypatch.delitem(sys.modules, f"common.serving.{name}", False)
        monkeypatch.delattr(common.serving, name, False)
    monkeypatch.setitem(sys.modules, package, None)
    for name in list(sys.modules):
        if name.startswith(f"{package}."):
            monkeypatch.delitem(sys.modules, name)
    assert run({"saved_models": str(exports)}) == 1
    assert capsys.readouterr().err == (
        f"serving: The server needs the package {package}, which is absent: "
        "run `pip install 'unroll-rnn[serve]'` (the extra `serve`).\n"
    )


def test_serves_until_a_signal_comes(exports):
    argv = ["-m", "common.serving", str(exports), "--port=0", "--grpc_port=0"]
    server = subprocess.Popen(
        [sys.executable, *argv], stderr=subprocess.PIPE, text=True
    )
    events = []
    for line in server.stderr:
        events.append(json.loads(line))
        if len(events) == 3:
            break
    assert [event["event"] for event in events] == [
        "listening",
        "version_loaded",
        "version_loaded",
    ]
    url = f"http://127.0.0.1:{events[0]['port']}/v1/models/texts:predict"
    answer = requests.post(url, data='{"instances": ["a"]}', timeout=60)
    assert answer.json()["predictions"][0]["upper"] == "A"
    server.send_signal(signal.SIGTERM)
    _, rest = server.communicate(timeout=60)
    assert server.returncode == 143
    assert rest.splitlines()[-1] == (
        "serving: stopped by SIGTERM; all requests were answered."
    )
