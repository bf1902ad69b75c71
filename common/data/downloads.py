"""Files from the network: over HTTPS, and only with the bytes we know."""

import hashlib
import os
import pathlib
import socket
import urllib.parse
import urllib.request

from common.errors import UserError


def fetch(url: str, sha256: str, size: int) -> pathlib.Path:
    """Returns the file at `url`, fetched once.

    It stays in the user's cache folder: $XDG_CACHE_HOME/unroll, or
    ~/.cache/unroll.

    Args:
      url: begins with https://.
      sha256: of the file, as 64 hexadecimal digits.
      size: of the file, in bytes.

    Raises:
      ValueError: `url` is not of HTTPS.
      UserError: nobody answers there, or with another file.
    """
    if not url.startswith("https://"):
        raise ValueError(f"{url} is not of https.")
    # Slow to import.
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.download import checksums
    from tensorflow_datasets.core.download import resource

    folder = cache_folder()
    fetched = folder / resource.get_dl_fname(url, sha256)
    if resource.is_locally_cached(fetched):
        if _sha256(fetched) == sha256:
            return pathlib.Path(fetched)
        fetched.unlink()
    _expect_reachable(url)
    manager = tfds.download.DownloadManager(
        download_dir=folder,
        url_infos={url: checksums.UrlInfo(size, sha256, None)},
        force_checksums_validation=True,
    )
    try:
        return pathlib.Path(manager.download(url))
    except Exception as error:  # tfds, requests and urllib have many.
        raise UserError(
            f"{url} could not be fetched, or is not the file of SHA-256 "
            f"{sha256[:16]}… any more ({' '.join(str(error).split())}): fetch "
            "the data set yourself, and name its folder by --data_dir."
        ) from error


def _sha256(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cache_folder() -> pathlib.Path:
    """Returns the folder for what can be fetched or computed again."""
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "unroll"


def _expect_reachable(url):
    """Raises UserError if nobody answers, before a download hangs."""
    if "https" in urllib.request.getproxies():
        return  # Somebody else would have to answer.
    address = urllib.parse.urlsplit(url)
    try:
        socket.create_connection(
            (address.hostname, address.port or 443), timeout=10
        ).close()
    except OSError as error:
        raise UserError(
            f"The data set is to be fetched from {address.hostname}, which "
            f"does not answer ({error}): connect to the network, or fetch it "
            "yourself and name its folder by --data_dir."
        ) from error
