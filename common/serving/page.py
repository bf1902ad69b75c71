"""The page for people: static files, and the models that they show."""

import json
import mimetypes
import pathlib
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from common.serving.refusals import Refusal
from common.serving.service import Service
from common.serving.signature import Signature

STATIC = pathlib.Path(__file__).parent / "static"
# Nothing but the files of this server is loaded, and no text becomes code.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; media-src blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # A browser asks whether the file is still the same.
    "Cache-Control": "no-cache",
}


def routes(
    service: Service, error: Callable[[Refusal], Response]
) -> list[Route]:
    """Returns the routes of the page.

    Args:
      service: The models, and who may see them.
      error: Returns the response to a refused request.
    """

    def answer(request: Request, describe: Callable[[], dict]) -> Response:
        try:
            service.authorize(request.headers.get("authorization", ""))
            content = describe()
        except Refusal as refusal:
            return error(refusal)
        return Response(
            json.dumps(content).encode(),
            headers=HEADERS,
            media_type="application/json",
        )

    async def models(request: Request) -> Response:
        """Lists the models that answer."""
        return answer(request, lambda: {"models": [*_titles(service)]})

    async def model(request: Request) -> Response:
        """Describes a model."""
        name = request.path_params["name"]
        return answer(
            request, lambda: _description(service.repository.find(name))
        )

    return [
        Route("/page/models", models),
        Route("/page/models/{name}", model),
        *(
            Route(f"/page/{path.name}", _file(path))
            for path in STATIC.iterdir()
        ),
        Route("/", _file(STATIC / "index.html")),
    ]


def _file(path):
    """Returns a handler that sends a file."""
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0]
    if path.suffix == ".js":
        kind = "text/javascript"  # Some machines say otherwise.

    async def send(request: Request) -> Response:
        return Response(content, headers=HEADERS, media_type=kind)

    return send


def _titles(service):
    """Yields the name and title of each model that answers."""
    for name in service.repository.names():
        try:
            served = service.repository.find(name)
        except Refusal:  # Not loaded yet.
            continue
        yield {"name": name, "title": served.version.texts.title or name}


def _description(served):
    """Returns the parts of a version that the page needs."""
    version = served.version
    return {
        "name": served.model,
        "version": version.number,
        "page": version.texts.page,
        "scores": version.texts.scores,
        "card": version.texts.card,
        "signatures": {
            name: _signature(signature)
            for name, signature in version.signatures.items()
        },
    }


def _signature(signature: Signature):
    """Returns types and shapes; the shape of an unknown rank is null."""
    description = {
        part: {
            name: {"type": spec.dtype.name, "shape": _sizes(spec.shape)}
            for name, spec in specs.items()
        }
        for part, specs in (
            ("inputs", signature.inputs),
            ("outputs", signature.outputs),
        )
    }
    for name in signature.defaults:
        description["inputs"][name]["optional"] = True
    return description


def _sizes(shape):
    return None if shape.rank is None else shape.as_list()
