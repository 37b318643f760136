"""Parameters in OpenAPI with every limit they are held against; Litestar leaves some out."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar.handlers import HTTPRouteHandler

from chassis.web.request_checks import parameter_types

_KEPT = ("default", "description", "minimum", "maximum", "minLength", "maxLength")


def describe_parameters(parameters: Sequence[dict[str, Any]], handler: HTTPRouteHandler) -> None:
    """Say of path and query parameters what pydantic demands of them."""
    paths, queries = parameter_types(handler)
    for parameter in parameters:
        before = parameter.get("schema", {})
        adapters = {"path": paths, "query": queries}.get(parameter["in"], {})
        adapter = adapters.get(parameter["name"])
        kept = {name: before[name] for name in _KEPT if name in before}
        parameter["schema"] = _present(adapter.json_schema() if adapter else before) | kept


def _present(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What a parameter is if it is there at all: in an address, null cannot be written."""
    around = dict(schema)
    choices: list[dict[str, Any]] = around.pop("anyOf", None) or around.pop("oneOf", None) or []
    kinds = [one for one in choices if one != {"type": "null"}]
    return around | kinds[0] if len(kinds) == 1 else dict(schema)
