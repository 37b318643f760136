"""Exceptions as log data: kind, text and places; never the values of variables."""

from itertools import islice
from traceback import extract_tb
from types import TracebackType
from typing import Any

from pydantic import ValidationError

from chassis.field_messages import field_name

MAX_LINKS = 8
MAX_FRAMES = 40
MAX_TEXT = 500


def described(error: BaseException) -> list[dict[str, Any]]:
    """The exception and what it followed from, newest first, one entry each."""
    chain: list[dict[str, Any]] = []
    link: BaseException | None = error
    while link is not None and len(chain) < MAX_LINKS:
        chain.append(
            {
                "kind": type(link).__name__,
                "text": text_of(link),
                "frames": _frames(link.__traceback__),
            }
        )
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return chain


def text_of(error: BaseException) -> str:
    """What an exception says. Of a failed validation only which fields and why, not the input."""
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_input=False, include_context=False)
        return "; ".join(f"{field_name(one['loc'])}: {one['type']}" for one in found)[:MAX_TEXT]
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(f"{type(e).__name__}: {text_of(e)}" for e in error.exceptions)[:MAX_TEXT]
    return str(error)[:MAX_TEXT]


def _frames(traceback: TracebackType | None) -> list[str]:
    # Source lines are left out as well: they may hold literals.
    frames = extract_tb(traceback)
    newest = islice(reversed(frames), MAX_FRAMES)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in newest]
