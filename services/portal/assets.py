"""Style and scripts of the pages, from this folder and nowhere else."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from litestar import Controller, Response, get
from litestar.params import FromPath

from chassis.decider import Unknown

_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}
_FOLDER = Path(__file__).parent / "assets"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load."""

    name: str
    content: bytes

    @property
    def address(self) -> str:
        """Relative to the pages, and another one for other content: browsers may keep it."""
        return f"assets/{self.name}?{sha256(self.content).hexdigest()[:16]}"

    @property
    def media_type(self) -> str:
        """What kind of file it is."""
        return _MEDIA_TYPES[Path(self.name).suffix]


ASSETS = {
    path.name: Asset(path.name, path.read_bytes())
    for path in sorted(_FOLDER.iterdir())
    if path.suffix in _MEDIA_TYPES
}


class AssetsController(Controller):
    """What pages load."""

    path = "/assets"

    @get("/{name:str}", sync_to_thread=False)
    def show(self, name: FromPath[str]) -> Response[bytes]:
        """Style or script of the pages."""
        if (asset := ASSETS.get(name)) is None:
            raise Unknown("There is no such file. Load the page again.")
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(asset.content, media_type=asset.media_type, headers=headers)
