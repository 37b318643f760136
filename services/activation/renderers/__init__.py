"""The formats softphones take their configuration in, by name. One module each."""

import re
from collections.abc import Sequence

from chassis.decider import Refused
from schemas.activation import Format
from schemas.said import said
from services.activation.renderers import acrobits, baresip, json_document, linphone, pjsua
from services.activation.renderers.renderer import Renderer

RENDERERS: dict[Format, Renderer] = {
    renderer.format: renderer
    for renderer in (
        json_document.renderer,
        linphone.renderer,
        baresip.renderer,
        acrobits.renderer,
        pjsua.renderer,
    )
}
DEFAULT: Format = "json"


class UnknownFormat(Refused):
    """There is no such configuration format."""

    status = 400


def renderer_of(name: str | None, accept: str = "", user_agent: str = "") -> Renderer:
    """The renderer of the format that is named.

    If none is: of the media types accepted the one this softphone takes, else the first, else
    JSON. Raises `UnknownFormat`.
    """
    if name is not None:
        return _named(name)
    renderers = list(RENDERERS.values())
    accepted = _accepted(accept)
    fitting = [r for kind in accepted for r in renderers if r.media_type == kind]
    for renderer in fitting or renderers:
        if renderer.user_agent and re.search(renderer.user_agent, user_agent, re.IGNORECASE):
            return renderer
    return fitting[0] if fitting else RENDERERS[DEFAULT]


def _named(name: str) -> Renderer:
    for renderer in RENDERERS.values():
        if renderer.format == name:
            return renderer
    raise UnknownFormat(
        said("Choose one of these formats: %(formats)s.", formats=", ".join(RENDERERS))
    )


def _accepted(accept: str) -> Sequence[str]:
    """Media types by preference; `text/xml` is an older name of `application/xml`."""
    weighed = []
    for part in accept.lower().split(","):
        kind, _, parameters = part.strip().partition(";")
        quality = re.search(r"q\s*=\s*([0-9.]+)", parameters)
        weight = _number(quality[1]) if quality else 1.0
        if weight > 0:
            weighed.append((-weight, "application/xml" if kind == "text/xml" else kind.strip()))
    return [kind for _, kind in sorted(weighed, key=lambda entry: entry[0])]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
