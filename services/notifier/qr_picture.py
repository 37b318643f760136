"""The QR code of a mail: a picture that comes with it, as remote ones are not shown."""

import zlib
from dataclasses import dataclass, field
from struct import pack

import segno

_BORDER = 4
_MASK = 3
_POINTS_PER_MODULE = 4
_PIXELS_PER_MODULE = 8
_DARK, _LIGHT = b"\x00", b"\xff"


@dataclass(frozen=True, slots=True)
class QrPicture:
    """A PNG, how many points wide it is shown, and the name the page calls it by."""

    png: bytes = field(repr=False)
    width: int
    cid: str = "qr"


def qr_picture(content: str) -> QrPicture:
    """Draw a QR code that stays sharp on any screen."""
    # To find the mask that looks best takes four times as long as all the rest.
    code = segno.make_qr(content, error="m", mask=_MASK)
    width = len(code.matrix) + 2 * _BORDER
    # White inside the picture: a transparent edge cannot be scanned where pages are dark.
    side = _LIGHT * _BORDER
    edge = _LIGHT * width
    rows = [b"".join(_DARK if dark else _LIGHT for dark in row) for row in code.matrix]
    lines = [edge] * _BORDER + [side + row + side for row in rows] + [edge] * _BORDER
    return QrPicture(_png(width, lines), width * _POINTS_PER_MODULE)


def _png(width: int, lines: list[bytes]) -> bytes:
    """Black and white, one bit a pixel: eight pixels of a module are one byte of its line."""
    pixels = width * _PIXELS_PER_MODULE
    picture = b"".join((b"\x00" + line) * _PIXELS_PER_MODULE for line in lines)
    parts = (
        (b"IHDR", pack(">IIBBBBB", pixels, pixels, 1, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(picture)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return pack(">I", len(body)) + name + body + pack(">I", zlib.crc32(name + body))
