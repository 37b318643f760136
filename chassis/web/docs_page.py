"""An OpenAPI document as one plain HTML page: no script, nothing loaded from anywhere."""

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

_HERE = Path(__file__).parent
_STYLE = (_HERE / "docs_page.css").read_text(encoding="utf-8")
_TEMPLATES = Environment(loader=FileSystemLoader(_HERE), autoescape=True, trim_blocks=True)
_CODE = Markup("<code>{}</code>")

CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
    "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def docs_page(document: dict[str, Any], raw_url: str) -> str:
    """Render the page. `raw_url` is where the document itself is served."""
    return _TEMPLATES.get_template("docs_page.html.j2").render(
        style=_STYLE,
        info=document["info"],
        operations=list(_operations(document)),
        schemas=document.get("components", {}).get("schemas", {}),
        raw_url=raw_url,
        kind=kind,
    )


def prose(text: str) -> Markup:
    """A description with what stands between back-ticks as code, and nothing else as HTML."""
    pieces = re.split(r"`([^`]+)`", text)
    return Markup("").join(
        _CODE.format(piece) if number % 2 else piece for number, piece in enumerate(pieces)
    )


_TEMPLATES.filters["prose"] = prose


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, item in sorted(document.get("paths", {}).items()):
        for method, operation in item.items():
            yield {
                "method": method.upper(),
                "path": path,
                "operation": operation,
                "body": _schemas(operation.get("requestBody", {})),
                "responses": {
                    status: (response.get("description", ""), _schemas(response))
                    for status, response in sorted(operation.get("responses", {}).items())
                },
            }


def _schemas(holder: dict[str, Any]) -> dict[str, Any]:
    content = holder.get("content") or {}
    return {media_type: one.get("schema", {}) for media_type, one in content.items()}


def kind(schema: dict[str, Any]) -> str:
    """What a schema stands for, in a few words."""
    if reference := schema.get("$ref"):
        return str(reference).rpartition("/")[2]
    for keyword in ("oneOf", "anyOf", "allOf"):
        if keyword in schema:
            return " or ".join(kind(one) for one in schema[keyword])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {kind(schema.get('items', {}))}"
    named = schema.get("type", "anything")
    return " or ".join(map(str, named)) if isinstance(named, list) else str(named)
