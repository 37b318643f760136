"""The QR code inside a mail: a picture that comes with it, as remote ones are not shown."""

from dataclasses import dataclass, field
from io import BytesIO

import segno

_BORDER = 4
_POINTS_PER_MODULE = 4
_PIXELS_PER_POINT = 2


@dataclass(frozen=True, slots=True)
class QrPicture:
    """A PNG, how many points wide it is shown, and the name the page calls it by."""

    png: bytes = field(repr=False)
    width: int
    cid: str = "qr"


def qr_picture(content: str) -> QrPicture:
    """Draw a QR code that stays sharp on any screen."""
    code = segno.make_qr(content, error="m")
    picture = BytesIO()
    # White inside the picture: a transparent edge cannot be scanned where pages are dark.
    code.save(
        picture,
        kind="png",
        scale=_POINTS_PER_MODULE * _PIXELS_PER_POINT,
        border=_BORDER,
        light="white",
    )
    width, _ = code.symbol_size(_POINTS_PER_MODULE, _BORDER)
    return QrPicture(picture.getvalue(), int(width))
