"""The life of a server: from its start to a stop by a signal."""

import signal
import time

from common.errors import UserError
from common.serving import logs
from common.serving.options import Options
from common.serving.server import Server
from common.serving.service import Service
from common.training import signals

TICK = 0.1  # Seconds between two looks for a signal.


def run(options: Options, only: str = "") -> None:
    """Serves until a signal comes.

    Args:
      options: Those of the command line.
      only: The name of the only model to serve; all if empty.

    Raises:
      Stopped: A signal came, and all requests are answered.
      UserError: A port is taken.
    """
    logs.start()
    service = Service(options, only)
    with signals.deferred():
        server = Server(service)
        server.start()
        logs.event(
            "listening",
            host=options.host,
            port=server.port,
            grpc_port=server.grpc_port,
        )
        number = _wait(server)
        logs.event("stopping")
        server.stop()
    name = signal.Signals(number).name
    text = f"stopped by {name}; all requests were answered."
    raise signals.Stopped(number, text)


def _wait(server):
    while (number := signals.pending()) is None:
        if not server.is_alive:
            raise UserError("A thread of the server ended; see its log.")
        time.sleep(TICK)
    return number
