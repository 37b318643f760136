"""What a page handler gives back: a page, a part of one, or the way to another page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Any

from litestar import MediaType, Response
from litestar.response import Redirect

from services.portal import cookies
from services.portal.protection import CONTENT_SECURITY_POLICY
from services.portal.rendering import Templates
from services.portal.visits import Visit

Page = Response[str]


def page(visit: Visit, template: str, *, status: int = 200, **said: Any) -> Page:
    """A whole page. It shows what the last one left to say, once."""
    notice = _read(visit.notice)
    if visit.notice:
        visit.set_cookies.append(cookies.ended(cookies.NOTICE))
    text = Templates.render(template, visit.language, visit=visit, notice=notice, **said)
    return Response(
        text,
        media_type=MediaType.HTML,
        status_code=status,
        headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Vary": "Cookie"},
    )


def part(visit: Visit, template: str, **said: Any) -> Page:
    """A piece of a page, which replaces the one that is shown."""
    text = Templates.render(template, visit.language, visit=visit, notice="", **said)
    return Response(text, media_type=MediaType.HTML)


def go(visit: Visit, path: str, notice: str = "") -> Redirect:
    """On to another page, which first says the notice."""
    if notice:
        sealed = urlsafe_b64encode(notice.encode()).decode().rstrip("=")
        visit.remember(cookies.NOTICE, sealed, cookies.MINUTE)
    return Redirect(path, status_code=303)


def _read(notice: str) -> str:
    try:
        return urlsafe_b64decode(notice + "=" * (-len(notice) % 4)).decode()
    except (NotBase64, UnicodeDecodeError, ValueError):
        return ""
