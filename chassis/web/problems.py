"""Whatever goes wrong leaves as an RFC 9457 problem document that says what to do."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from litestar import Response
from litestar.connection import Request
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi import ResponseSpec
from litestar.types import ExceptionHandlersMap
from pydantic import BaseModel, ValidationError

from chassis.cause import new_id
from chassis.decider import Refused
from chassis.event_store import StoreUnavailable
from chassis.field_messages import field_errors, field_name
from chassis.read_models import ReadModelsUnavailable, WrongCursor
from chassis.web.request_checks import InvalidFields
from schemas.said import gaps

MEDIA_TYPE = "application/problem+json"
_MISSING = "This is missing or not accepted here."
RETRY_AFTER_SECONDS = {429: 60, 503: 2}

_log = structlog.get_logger(__name__)

_HTTP_REMEDIES = {
    400: ("MalformedRequest", "The request is malformed. See the API description."),
    404: ("NoSuchRoute", "There is no such address here. See the API description."),
    405: ("MethodNotAllowed", "Use one of the methods named in the `Allow` header."),
    413: ("RequestTooLarge", "The request body is too large. Send it in smaller parts."),
    415: ("UnsupportedMediaType", "Send the body in the format that the API description names."),
    429: ("TooManyRequests", "Too many requests. Wait as long as `Retry-After` says."),
}


class FieldProblem(BaseModel):
    """A field that cannot be accepted, and what to enter instead.

    Where the words hold something of the request, `template` has gaps there and `values` fills
    them: so they can be said in another language.
    """

    field: str
    message: str
    template: str | None = None
    values: dict[str, str] | None = None


class Problem(BaseModel):
    """An RFC 9457 problem document. `detail` says what to do."""

    type: str
    title: str
    status: int
    detail: str
    template: str | None = None
    values: dict[str, str] | None = None
    errors: list[FieldProblem] | None = None


def kebab_case(name: str) -> str:
    """The class name as it stands in a problem's `type`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def problem(
    name: str,
    status: int,
    detail: str,
    members: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[dict[str, Any]]:
    """A problem document. `name` is a class name: the rule that was broken."""
    kebab = kebab_case(name)
    content = {
        **(members or {}),
        "type": f"/problems/{kebab}",
        "title": kebab.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        **gaps(detail),
    }
    own_headers = dict(headers or {})
    if seconds := content.get("retry_after", RETRY_AFTER_SECONDS.get(status)):
        own_headers.setdefault("Retry-After", str(seconds))
    if status == 401:
        own_headers["WWW-Authenticate"] = "Bearer"
    return Response(content, status_code=status, media_type=MEDIA_TYPE, headers=own_headers)


def problems(*refusals: type[Refused]) -> dict[int, ResponseSpec]:
    """The `responses=` of a route that may answer with these refusals."""
    by_status: dict[int, list[str]] = {}
    for refusal in refusals:
        by_status.setdefault(refusal.status, []).append(_described(refusal))
    return {
        status: ResponseSpec(
            Problem,
            description=" ".join(texts),
            media_type=MEDIA_TYPE,
            generate_examples=False,
        )
        for status, texts in by_status.items()
    }


def _described(refusal: type[Refused]) -> str:
    return (refusal.__doc__ or refusal.__name__).strip().splitlines()[0]


AnyRequest = Request[Any, Any, Any]
Answer = Response[dict[str, Any]]


def _refused(_request: AnyRequest, refusal: Refused) -> Answer:
    return problem(type(refusal).__name__, refusal.status, refusal.remedy, refusal.details)


def _wrong_cursor(_request: AnyRequest, _error: WrongCursor) -> Answer:
    return problem(
        "WrongCursor", 400, "Pass `cursor` on exactly as `next` gave it, or leave it out to start."
    )


def _unavailable(_request: AnyRequest, error: Exception) -> Answer:
    _log.warning("unavailable", error=error)
    return problem(
        "Unavailable",
        503,
        "The service cannot reach its store. Send the same request again after `Retry-After` "
        "seconds, a command with the same Idempotency-Key.",
    )


def _malformed(_request: AnyRequest, error: ValidationException) -> Answer:
    return _refused(_request, InvalidFields(_field_errors(error)))


def _field_errors(error: ValidationException) -> list[dict[str, Any]]:
    cause = error.__cause__.__cause__ if error.__cause__ else None
    if isinstance(cause, ValidationError):
        return field_errors(cause)
    found = error.extra if isinstance(error.extra, list) else [{}]
    return [
        {
            "field": field_name([one["key"]] if one.get("key") not in {None, "data"} else []),
            "message": _without_input(str(one.get("message", ""))),
        }
        for one in found
    ]


def _without_input(text: str) -> str:
    # Only the parts in backticks are types; what stands in quotes is what the caller sent.
    return text if text and "'" not in text else _MISSING


def _http(_request: AnyRequest, error: HTTPException) -> Answer:
    if error.status_code >= 500:
        return _unexpected(_request, error)
    name, remedy = _HTTP_REMEDIES.get(
        error.status_code, (HTTPStatus(error.status_code).phrase.title().replace(" ", ""), "")
    )
    return problem(name, error.status_code, remedy or _HTTP_REMEDIES[400][1], headers=error.headers)


def _unexpected(_request: AnyRequest, error: Exception) -> Answer:
    incident = new_id()
    _log.error("request_failed", incident=incident, exc_info=error)
    return problem(
        "Unexpected",
        500,
        "Something went wrong on our side. Send the same request again, a command with the same "
        "Idempotency-Key. If it fails again, tell the operator the number in `instance`.",
        {"instance": f"urn:uuid:{incident}"},
    )


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    Refused: _refused,
    ValidationException: _malformed,
    HTTPException: _http,
    WrongCursor: _wrong_cursor,
    StoreUnavailable: _unavailable,
    ReadModelsUnavailable: _unavailable,
    Exception: _unexpected,
}
"""For Litestar: every exception becomes a problem document."""
