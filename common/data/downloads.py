"""Downloads over HTTPS, checked by size and SHA-256."""

import hashlib
import os
import pathlib
import socket
import urllib.parse
import urllib.request

from common.errors import UserError


def fetch(url: str, sha256: str, size: int) -> pathlib.Path:
    """Returns the downloaded file of a URL.

    It is downloaded once, and kept in the user's cache folder:
    $XDG_CACHE_HOME/unroll, or ~/.cache/unroll.

    Args:
      url: Address that starts with https://.
      sha256: Digest of the file, 64 hexadecimal digits.
      size: Size of the file in bytes.

    Raises:
      ValueError: `url` does not start with https://.
      UserError: The server does not answer, or the file has changed.
    """
    if not url.startswith("https://"):
        raise ValueError(f"{url} does not start with https://.")
    # Slow to import.
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.download import checksums
    from tensorflow_datasets.core.download import resource

    folder = cache_folder()
    cached = folder / resource.get_dl_fname(url, sha256)
    if resource.is_locally_cached(cached):
        if _sha256(cached) == sha256:
            return pathlib.Path(cached)
        cached.unlink()
    _expect_reachable(url)
    manager = tfds.download.DownloadManager(
        download_dir=folder,
        url_infos={url: checksums.UrlInfo(size, sha256, None)},
        force_checksums_validation=True,
    )
    try:
        return pathlib.Path(manager.download(url))
    except Exception as error:  # tfds, requests and urllib raise many.
        raise UserError(
            f"{url} cannot be downloaded, or no longer has the SHA-256 "
            f"{sha256[:16]}… ({' '.join(str(error).split())}): download the "
            "data set yourself, and pass its folder as --data_dir."
        ) from error


def _sha256(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cache_folder() -> pathlib.Path:
    """Returns the folder of downloads and computed features."""
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "unroll"


def _expect_reachable(url):
    """Raises a UserError if the server does not answer.

    Otherwise, the download would hang.
    """
    if "https" in urllib.request.getproxies():
        return  # The proxy connects to the server.
    address = urllib.parse.urlsplit(url)
    try:
        socket.create_connection(
            (address.hostname, address.port or 443), timeout=10
        ).close()
    except OSError as error:
        raise UserError(
            f"The data set cannot be downloaded: {address.hostname} does not "
            f"answer ({error}). Connect to the network, or download it "
            "yourself and pass its folder as --data_dir."
        ) from error
