"""What keeps other sites from acting for a person: forms are ours, and pages are safe."""

import hmac
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import Request
from litestar.types import Message, Scope

from services.portal.forms import TOKEN, sent
from services.portal.visits import cookies_of, visit_of

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
TOKEN_HEADER = "X-Form-Token"  # noqa: S105 - the name of a header
_SAFE = {"GET", "HEAD", "OPTIONS"}

AnyRequest = Request[Any, Any, Any]


class NotFromHere(Exception):
    """A form that none of our pages has shown to this browser."""


async def check_origin(request: AnyRequest) -> None:
    """Let changes through only from our own pages. Raises `NotFromHere`."""
    if request.method in _SAFE:
        return
    if not _same_site(request):
        raise NotFromHere
    visit = await visit_of(request)
    token = request.headers.get(TOKEN_HEADER) or dict(await sent(request)).get(TOKEN, "")
    if not hmac.compare_digest(token.encode(), visit.form_token.encode()):
        raise NotFromHere


def _same_site(request: AnyRequest) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    # Our pages send no referrer, and so older browsers name no origin either.
    origin = request.headers.get("origin", "null")
    return origin == "null" or urlsplit(origin).netloc == request.headers.get("host")


async def give_cookies(message: Message, scope: Scope) -> None:
    """Add to the answer what the browser must remember."""
    if message["type"] == "http.response.start":
        given = cookies_of(scope["state"])
        headers = [(b"set-cookie", one.to_header(header="").encode()) for one in given]
        message["headers"] = [*message["headers"], *headers]
