"""Answers OPTIONS with all methods of an address; Litestar forgets those that it met later."""

from collections import defaultdict
from typing import Any

from litestar import Litestar, Response
from litestar.connection import Request
from litestar.routes import HTTPRoute


class AllowedMethods:
    """Knows the methods of every path of one app."""

    def __init__(self) -> None:
        self._by_path: dict[str, set[str]] = defaultdict(set)

    def learn(self, app: Litestar) -> None:
        """Look at all routes there are."""
        for route in app.routes:
            if isinstance(route, HTTPRoute):
                self._by_path[route.path_format] |= route.methods

    def answer(self, request: Request[Any, Any, Any]) -> Response[None] | None:
        """What OPTIONS gets, None for other methods."""
        if request.method != "OPTIONS":
            return None
        allowed = self._by_path[request.scope["path_template"]]
        return Response(None, status_code=204, headers={"Allow": ", ".join(sorted(allowed))})
