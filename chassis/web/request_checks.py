"""What every request must fulfil before a handler sees it: a JSON body, and sound parameters."""

from functools import cache
from typing import Any

from litestar.connection import Request
from litestar.enums import RequestEncodingType
from litestar.exceptions import SerializationException
from litestar.handlers import BaseRouteHandler
from litestar.params import BodyKwarg, PathParameter, QueryParameter
from pydantic import TypeAdapter, ValidationError

from chassis.decider import Refused, Unknown
from chassis.field_messages import field_errors, field_name

AnyRequest = Request[Any, Any, Any]

NOTHING_HERE = "There is nothing here. Check the id, or choose from the list."


class MalformedBody(Refused):
    """The body is no JSON at all."""

    status = 400


class UnsupportedMediaType(Refused):
    """The body is of a kind that this route does not read."""

    status = 415


class InvalidFields(Refused):
    """The request is well formed, but some of its fields cannot be accepted."""

    status = 422

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("Correct the fields named in `errors` and send it again.", errors=errors)


async def check_body(request: AnyRequest) -> None:
    """Read a JSON body. Raises `UnsupportedMediaType`, `MalformedBody`."""
    if not _reads_json(request.route_handler) or not await request.body():
        return
    media_type, _ = request.content_type
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise UnsupportedMediaType("Send the body as JSON, with `Content-Type: application/json`.")
    try:
        await request.json()
    except (SerializationException, UnicodeDecodeError, RecursionError):
        raise MalformedBody(
            "The body is not valid JSON in UTF-8. Check its quotes, commas and brackets."
        ) from None


def check_parameters(request: AnyRequest) -> None:
    """Hold path and query parameters against their annotations. Raises `Unknown`, `InvalidFields`.

    Litestar itself overlooks what pydantic types demand of parameters: without this, an id could
    hold the wildcards of a subject.
    """
    paths, queries = parameter_types(request.route_handler)
    for name, adapter in paths.items():
        if _errors(name, adapter, request.path_params[name]):
            raise Unknown(NOTHING_HERE)
    errors: list[dict[str, Any]] = []
    for name, adapter in queries.items():
        if name in request.query_params:
            errors += _errors(name, adapter, request.query_params[name])
    if errors:
        raise InvalidFields(errors)


def _errors(name: str, adapter: TypeAdapter[Any], value: str) -> list[dict[str, Any]]:
    try:
        adapter.validate_python(value)
    except ValidationError as error:
        return [{**one, "field": field_name([name])} for one in field_errors(error)]
    return []


@cache
def parameter_types(
    handler: BaseRouteHandler,
) -> tuple[dict[str, TypeAdapter[Any]], dict[str, TypeAdapter[Any]]]:
    """What the path and the query parameters of a route, by name, must be."""
    paths, queries = {}, {}
    for name, field in handler.parsed_fn_signature.parameters.items():
        match field.kwarg_definition:
            case PathParameter():
                paths[name] = TypeAdapter(field.raw)
            case QueryParameter(name=alias) if not field.is_non_string_sequence:
                queries[alias or name] = TypeAdapter(field.raw)
    return paths, queries


@cache
def _reads_json(handler: BaseRouteHandler) -> bool:
    data = handler.parsed_fn_signature.parameters.get("data")
    definition = data and data.kwarg_definition
    return isinstance(definition, BodyKwarg) and definition.media_type == RequestEncodingType.JSON
