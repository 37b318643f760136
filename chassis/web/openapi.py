"""The OpenAPI document of a service, with its problems and headers as they really are."""

from typing import Any

from litestar import Litestar
from litestar.connection import Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute

from chassis.answers import POSITION_HEADER
from chassis.edge import KEY_HEADER, KEY_IGNORED
from chassis.web.openapi_answers import describe_success, name_lists
from chassis.web.openapi_models import ModelSchemas
from chassis.web.openapi_parameters import describe_parameters
from chassis.web.problems import MEDIA_TYPE, Problem

_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_ALWAYS = {
    400: "The request is malformed.",
    500: "Something failed on our side.",
    503: "A store cannot be reached. `Retry-After` says when to ask again; nothing is half done.",
}
_GUARDED = {401: "Nobody is signed in.", 403: "The role does not allow this."}
_COMMAND = {
    409: "A rule refuses this.",
    412: "The resource has changed since the version in `If-Match`.",
    413: "The body is too large.",
    415: "The body is not of the documented kind.",
}
_POSITION = {
    "name": POSITION_HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[a-z]+-[0-9]{1,18}$"},
    "description": "As a command gave it back: the answer then shows what that command did. An "
    "answer with `Switchboard-Stale: true` could not wait long enough.",
}


def openapi_config(service: str, version: str) -> OpenAPIConfig:
    """What Litestar needs to know."""
    bearer = SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")
    return OpenAPIConfig(
        title=f"Switchboard {service}",
        version=version,
        use_handler_docstrings=True,
        path=document_path(service),
        # Litestar insists on the second path; its own pages would load remote scripts.
        render_plugins=[_Document(path=["/", "/openapi.json"])],
        components=Components(security_schemes={"bearer": bearer}),
    )


def document_path(service: str) -> str:
    """Where a service's document is served."""
    return f"/{service}/openapi.json"


class _Document(JsonRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return self.render_json(request, document(request.app))


def document(app: Litestar) -> dict[str, Any]:
    """The OpenAPI document as JSON data."""
    described = app.openapi_schema.to_schema()
    components = described.setdefault("components", {}).setdefault("schemas", {})
    app.plugins.get(ModelSchemas).fill_in(components, Problem)
    name_lists(described)
    for (path, method), handler in _handlers(app).items():
        operation = described.get("paths", {}).get(path, {}).get(method)
        if operation:
            _complete(operation, method, handler)
            describe_success(operation, handler, components)
    described["components"]["schemas"] = dict(sorted(components.items()))
    return described


def _handlers(app: Litestar) -> dict[tuple[str, str], HTTPRouteHandler]:
    return {
        (route.path_format, method.lower()): handler
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
    }


def _complete(operation: dict[str, Any], method: str, handler: HTTPRouteHandler) -> None:
    guarded = bool(handler.resolve_guards())
    parameters = operation.setdefault("parameters", [])
    if handler.opt.get(KEY_IGNORED):
        parameters[:] = [one for one in parameters if one["name"] != KEY_HEADER]
    describe_parameters(parameters, handler)
    descriptions = dict(_ALWAYS)
    if guarded:
        operation["security"] = [{"bearer": []}]
        descriptions |= _GUARDED
    if method == "get":
        parameters.append(_POSITION)
    else:
        descriptions |= _COMMAND
    if parameters or "requestBody" in operation:
        descriptions[422] = "Fields cannot be accepted; `errors` says which and why."
    if any(parameter["in"] == "path" for parameter in parameters):
        descriptions[404] = "There is no such thing in this organization."
    _describe_problems(operation["responses"], descriptions)


def _describe_problems(responses: dict[str, Any], descriptions: dict[int, str]) -> None:
    for status, description in descriptions.items():
        stated = responses.get(str(status), {})
        if MEDIA_TYPE not in stated.get("content", {}):
            responses[str(status)] = {
                "description": description,
                "content": {MEDIA_TYPE: {"schema": _PROBLEM}},
            }
