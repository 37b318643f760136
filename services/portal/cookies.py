"""The cookies of the portal. Scripts read none of them; other sites cause none to be sent."""

from litestar.datastructures import Cookie

SIGNED_IN = "__Host-signed-in"
"""The secret of a sign-in."""
MACHINE = "__Host-machine"
"""What stands for this browser; forms are bound to it."""
POSITION = "__Host-position"
"""How far pages must have read to show what this browser has changed."""
NOTICE = "__Host-notice"
"""One sentence for the next page."""
LANGUAGE = "__Host-language"
"""The language that was chosen before anybody has signed in."""

YEAR = 365 * 24 * 3600
MONTH = 30 * 24 * 3600
MINUTE = 60
MOMENT = 10
"""Longer than read models are ever behind; waiting for a position is not free."""


def cookie(name: str, value: str, seconds: int | None) -> Cookie:
    """A cookie for this host alone; without `seconds` it ends with the browser."""
    return Cookie(
        key=name, value=value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax"
    )


def ended(name: str) -> Cookie:
    """Takes a cookie away."""
    return cookie(name, "", 0)
