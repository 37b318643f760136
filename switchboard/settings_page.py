"""The page `docs/settings.md`: every setting, its default and its meaning, from the classes."""

import json
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from pydantic.fields import FieldInfo

from chassis.settings import ServiceSettings
from switchboard.catalogue import SETTINGS
from switchboard.settings import Settings

OTHERS = {
    "MONGO_DRIVER": "Driver of a `mongodb://` store: `motor` if it is installed, or `pymongo`.",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "Where traces go, as OTLP over HTTP. Without it there are none.",
    "SWITCHBOARD_NATS_CA": "File with the certificates to trust NATS by, for a `tls://` URL.",
    "SWITCHBOARD_TOPOLOGY": "File to read instead of `deploy/topology.yaml`.",
}
"""Variables that are read before or outside the settings classes."""

_HEAD = """\
<!-- Generated from the settings classes by `make schemas`. Do not edit. -->
# Settings

Everything is set by environment variables and checked at the start: a process that cannot work
with what it was given stops and names each variable. A secret may stand in a file instead: put
`_FILE` behind the variable's name and give it the path. Lists and objects are written as JSON.

**Required** ones have no default. `switchboard up` sets them itself: it makes the keys and keeps
them in the data folder. A service alone looks for its keys there, too, under the same names in
`keys/`, and takes `SWITCHBOARD_PUBLIC_URL` and `SWITCHBOARD_DEFAULT_DOMAIN` for its own. Variables
that are set win over what would be chosen.
"""


def settings_page() -> str:
    """The whole page."""
    services = [_section(_title(name), settings) for name, settings in SETTINGS.items()]
    return "\n".join([_HEAD, _section("The installation", Settings), *services, _others()])


def variables(settings: type[ServiceSettings]) -> list[str]:
    """The environment variables of a class, in its order."""
    return [settings.variable(name) for name in settings.model_fields]


def _title(service: str) -> str:
    return service.capitalize()


def _section(title: str, settings: type[ServiceSettings]) -> str:
    schemas = settings.model_json_schema()["properties"]
    rows = (
        (f"`{settings.variable(name)}`", _default(field), _limits(schemas[name]), _meaning(field))
        for name, field in settings.model_fields.items()
    )
    return _table(title, ("variable", "default", "allowed", "meaning"), rows)


def _others() -> str:
    rows = ((f"`{name}`", meaning) for name, meaning in sorted(OTHERS.items()))
    return _table("Others", ("variable", "meaning"), rows)


def _table(title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join([f"## {title}", "", *(f"| {' | '.join(line)} |" for line in lines), ""])


def _meaning(field: FieldInfo) -> str:
    return str(field.description).replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value == "":
        return "none"
    return f"`{_written(value)}`"


def _written(value: Any) -> str:
    """As an operator would write it into the variable."""
    if isinstance(value, str | PurePath):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _limits(schema: dict[str, Any]) -> str:
    return "; ".join(dict.fromkeys(_stated(schema)))


def _stated(schema: dict[str, Any]) -> Iterator[str]:
    if "enum" in schema:
        yield ", ".join(f"`{value}`" for value in schema["enum"])
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None:
        yield f"{low} to {high}" if high is not None else f"{low} or more"
    if (above := schema.get("exclusiveMinimum")) is not None:
        yield f"more than {above}"
    if schema.get("type") == "boolean":
        yield "`true`, `false`"
    if "items" in schema:
        yield from _stated(schema["items"])
    for inner in schema.get("anyOf", ()):
        yield from _stated(inner)
