"""Takes secrets out of what is about to be logged: by name, by pattern, and by kind of value."""

import re
from collections.abc import Mapping
from datetime import date
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from chassis.observing.tracebacks import text_of

REDACTED = "[redacted]"
MAX_DEPTH = 6

_SECRET_NAME = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase)|pwd|secret|plaintext|pin|otp|token|jwt|code|credential|seed"
    r"|api_?key|authorization|cookie|header|body)s?(?![a-z])"
)
_HARMLESS_NAMES = frozenset({"status_code", "err_code", "error_code", "exit_code", "reply_code"})

_LETTERS = "[bcdfghjklmnpqrstvwxz]"
_PATTERNS = (
    # Authorization headers, whole.
    re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]+"),
    # Signed tokens.
    re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"),
    # 256 random bits in base64url: device, session and refresh tokens.
    re.compile(r"(?<![\w-])[\w-]{43}=?(?![\w-])"),
    # Activation codes: RFC 8628 letters, in groups or not.
    re.compile(
        rf"(?i)(?<![a-z0-9]){_LETTERS}{{4}}([- ]?){_LETTERS}{{4}}\1{_LETTERS}{{4}}(?![a-z0-9])"
    ),
    # Addresses that are secrets themselves.
    re.compile(r"(?<=/p/)[^\s/?#'\"]+|(?<=/c/)[^\s/?#'\"]+"),
    # user:password in URLs.
    re.compile(r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"),
    # password=…, "token": "…", code: …; numbers of up to five digits are statuses.
    re.compile(
        r"(?i)(?:password|passwd|secret|token|authorization|\bcode)[\"']?\s*[=:]\s*"
        r"(?!\d{1,5}\b)(?:\"[^\"]*\"|'[^']*'|\S+)"
    ),
)


def redacted(value: Any, name: str = "", depth: int = 0) -> Any:
    """The value as it may be logged under this name."""
    if _is_secret(name) and value is not None:
        return REDACTED
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return _contents(value, depth)
    return without_secrets(_text(value))


def without_secrets(text: str) -> str:
    """The text with everything replaced that looks like a secret."""
    for pattern in _PATTERNS:
        text = pattern.sub(REDACTED, text)
    return text


def _contents(value: Any, depth: int) -> Any:
    if depth >= MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        return {
            without_secrets(str(key)): redacted(inner, str(key), depth + 1)
            for key, inner in value.items()
        }
    return [redacted(inner, depth=depth + 1) for inner in value]


def _text(value: Any) -> str:
    match value:
        case Enum():
            return str(value.value)
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case date() | UUID() | PurePath():
            return str(value)
        case BaseException():
            return f"{type(value).__name__}: {text_of(value)}"
        case type():
            return value.__name__
        case _:
            # What an object shows of itself may be anything, a password for one.
            return f"<{type(value).__name__}>"


def _is_secret(name: str) -> bool:
    return name not in _HARMLESS_NAMES and _SECRET_NAME.search(name) is not None
