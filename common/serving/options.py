"""The options of the server; nothing here imports TensorFlow."""

import dataclasses

from common.config import option


def _serving_option(default, help, **bounds):
    return option(default, help, group="Serving", affects="nothing", **bounds)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """Where the server listens, and what a request may cost."""

    saved_models: str = _serving_option(
        "saved_models", "Folder of the exported SavedModels."
    )
    host: str = _serving_option(
        "127.0.0.1",
        "Address to listen on; 0.0.0.0 for all networks of the machine.",
    )
    port: int = _serving_option(
        8501, "Port of HTTP; 0 for any free one.", minimum=0, maximum=65535
    )
    grpc: bool = _serving_option(True, "Listen for gRPC, too.")
    grpc_port: int = _serving_option(
        8500, "Port of gRPC; 0 for any free one.", minimum=0, maximum=65535
    )
    token_file: str = _serving_option(
        "",
        "File with a token that requests must carry, as in the header "
        "`Authorization: Bearer TOKEN`; if empty, none is needed.",
    )
    batch_rows: int = _serving_option(
        64,
        "Most rows of several requests that are answered together; 1 turns "
        "batching off.",
        minimum=1,
    )
    max_rows: int = _serving_option(256, "Most rows of one request.", minimum=1)
    max_megabytes: int = _serving_option(
        16, "Largest request.", minimum=1, maximum=1024
    )
    max_count: int = _serving_option(
        1000,
        "Highest value of an input that is one integer, such as a length, a "
        "count or a beam width; a seed may be any.",
        minimum=1,
    )
    max_queue: int = _serving_option(
        256, "Most requests that wait for a signature.", minimum=1
    )
    timeout: float = _serving_option(
        30.0,
        "Seconds within which a request is answered or stopped.",
        minimum=0.001,
        maximum=86400,
    )

    @property
    def max_bytes(self) -> int:
        """Bytes of the largest request."""
        return self.max_megabytes * 2**20
