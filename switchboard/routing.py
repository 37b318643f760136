"""One public origin for several apps: each path goes to the app that has a route for it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send

_PARAMETER = re.compile(r"\{[^}:]+(:(?P<kind>[a-z]+))?\}")


@dataclass(frozen=True)
class OneOrigin:
    """Sends each request to the first app that knows its path."""

    routes: tuple[tuple[re.Pattern[str], ASGIApp], ...]
    otherwise: ASGIApp

    @staticmethod
    def of(apps: Iterable[Litestar], otherwise: Litestar | None = None) -> "OneOrigin":
        """Read the route tables. Fixed paths win over those with parameters.

        What none of them knows goes to `otherwise`, which says so.
        """
        found = [(route.path_format, app) for app in apps for route in app.routes]
        found.sort(key=lambda entry: entry[0].count("{"))
        table = tuple((_pattern(path), app) for path, app in found)
        return OneOrigin(table, otherwise or found[-1][1])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if str(scope["type"]) == "lifespan":
            await _started_elsewhere(receive, send)
            return
        path = scope["path"].rstrip("/") or "/"
        app = next((app for pattern, app in self.routes if pattern.fullmatch(path)), self.otherwise)
        await app(scope, receive, send)


def _pattern(path: str) -> re.Pattern[str]:
    pieces = _PARAMETER.split(path)
    literal = [re.escape(piece or "") for piece in pieces[0::3]]
    return re.compile("[^/]+".join(literal).rstrip("/") or "/")


async def _started_elsewhere(receive: Any, send: Any) -> None:
    # The apps are started and stopped by whoever composed them, around the server.
    for step in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{step}.complete"})
