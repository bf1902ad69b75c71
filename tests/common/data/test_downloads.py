"""Downloads use HTTPS, and only files with the known SHA-256."""

import hashlib
import http.server
import shutil
import ssl
import subprocess
import threading

import pytest

from common.data import downloads
from common.errors import UserError

CONTENT = b"a data set"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def served(tmp_path, monkeypatch):
    """Yields the URL of CONTENT on an HTTPS server, and the server."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days"]
        + ["1", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate]
        + ["-addext", "subjectAltName=DNS:localhost"],
        check=True,
        capture_output=True,
    )
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "set.tar.gz").write_bytes(CONTENT)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=tmp_path / "www")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("localhost", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield f"https://localhost:{server.server_port}/set.tar.gz", server
    server.shutdown()
    server.server_close()


def test_a_downloaded_file_is_kept(served):
    url, server = served
    path = downloads.fetch(url, SHA256, len(CONTENT))
    assert path.read_bytes() == CONTENT
    server.shutdown()
    server.server_close()
    assert downloads.fetch(url, SHA256, len(CONTENT)) == path


def test_a_changed_file_is_downloaded_again(served):
    url, _ = served
    path = downloads.fetch(url, SHA256, len(CONTENT))
    path.write_bytes(b"changed")
    path = downloads.fetch(url, SHA256, len(CONTENT))
    assert path.read_bytes() == CONTENT


def test_a_file_with_another_digest_is_not_used(served, tmp_path):
    url, _ = served
    other = hashlib.sha256(b"another").hexdigest()
    with pytest.raises(UserError, match="no longer has the SHA-256"):
        downloads.fetch(url, other, len(CONTENT))
    with pytest.raises(UserError):  # Nor the second time.
        downloads.fetch(url, other, len(CONTENT))


def test_a_server_without_a_trusted_certificate_is_not_used(
    served, monkeypatch
):
    url, _ = served
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.setattr("urllib3.util.retry.Retry.sleep", lambda *_, **__: None)
    with pytest.raises(UserError, match="certificate"):
        downloads.fetch(url, SHA256, len(CONTENT))


def test_the_error_names_an_unreachable_server(monkeypatch, tmp_path):
    def unreachable(*args, **kwargs):
        raise OSError("no route")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("urllib.request.getproxies", dict)
    monkeypatch.setattr("socket.create_connection", unreachable)
    with pytest.raises(UserError, match="example.org.*--data_dir"):
        downloads.fetch("https://example.org/set.tar.gz", SHA256, 1)


def test_plain_http_is_refused():
    with pytest.raises(ValueError, match="https"):
        downloads.fetch("http://example.org/set.tar.gz", SHA256, 1)
