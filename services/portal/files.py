"""Style and scripts of the pages, from this folder and nowhere else."""

from dataclasses import dataclass
from functools import cached_property
from gzip import compress
from hashlib import sha256
from pathlib import Path
from typing import Any

from litestar import Controller, Request, Response, get
from litestar.params import FromPath

from chassis.decider import Unknown

FOLDER = Path(__file__).parent / "assets"
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """A file that pages load."""

    name: str
    content: bytes

    @cached_property
    def address(self) -> str:
        """Another one for other content: browsers may keep it."""
        return f"/assets/{self.name}?{self.digest}"

    @cached_property
    def digest(self) -> str:
        """Names the content."""
        return sha256(self.content).hexdigest()[:16]

    @cached_property
    def packed(self) -> bytes:
        """As it is sent to browsers that can unpack it, which are all of them."""
        return compress(self.content, mtime=0)

    @property
    def media_type(self) -> str:
        """What kind of file it is."""
        return _MEDIA_TYPES[Path(self.name).suffix]


ASSETS = {
    path.name: Asset(path.name, path.read_bytes())
    for path in sorted(FOLDER.rglob("*"))
    if path.suffix in _MEDIA_TYPES
}


class FilesController(Controller):
    """What pages load."""

    path = "/assets"

    @get("/{name:str}", sync_to_thread=False)
    def show(self, name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
        """Style or script of the pages."""
        if (asset := ASSETS.get(name)) is None:
            raise Unknown("There is no such file. Load the page again.")
        # A module that another one imports is asked for without its digest.
        exact = asset.digest in request.url.query
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable" if exact else "no-cache",
            "ETag": f'"{asset.digest}"',
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(b"", status_code=304, headers=headers)
        content = asset.content
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"], content = "gzip", asset.packed
        return Response(content, media_type=asset.media_type, headers=headers)
