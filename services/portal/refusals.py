"""What a person sees when a page cannot be shown, and what to do then."""

from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.connection import Request
from litestar.exceptions import NotFoundException
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from chassis.event_store import StoreUnavailable
from chassis.web.problems import EXCEPTION_HANDLERS, problem
from services.portal.answers import go, page
from services.portal.declined import UNREACHABLE, Declined
from services.portal.freshness import SignedOut
from services.portal.guards import NotForThisRole, SignInFirst
from services.portal.protection import NotFromHere
from services.portal.visits import visit_at

AnyRequest = Request[Any, Any, Any]
Answer = Response[Any] | Redirect


def for_script(request: AnyRequest) -> bool:
    """Whether a script asks, which needs a problem document, not a page."""
    return "text/html" not in request.headers.get("accept", "")


def _signed_out(request: AnyRequest, error: SignedOut) -> Answer:
    if for_script(request):
        why = error.why or "The session is over. Sign in again."
        return problem("SignedOut", 401, why, {"reason": error.reason})
    visit = visit_at(request)
    return go(visit, f"/sign-in?ended={quote(error.reason)}&to={_back(request)}")


def _sign_in_first(request: AnyRequest, _error: SignInFirst) -> Answer:
    if for_script(request):
        return problem("SignInFirst", 401, "Sign in first.")
    return go(visit_at(request), f"/sign-in?to={_back(request)}")


def _back(request: AnyRequest) -> str:
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope["path"] + (f"?{query}" if query else "")
    return quote(path if request.method == "GET" else "/home", safe="")


def _declined(request: AnyRequest, error: Declined) -> Answer:
    if for_script(request):
        return problem(error.title or "Declined", error.status, error.detail)
    return _shown(request, error.status, error.detail)


def _not_from_here(request: AnyRequest, _error: NotFromHere) -> Answer:
    if for_script(request):
        return problem("NotFromHere", 403, "Load the page again, and send the form from there.")
    return _shown(request, 403, kind="form")


def _not_for_this_role(request: AnyRequest, _error: NotForThisRole) -> Answer:
    return _shown(request, 403, kind="role")


def _not_found(request: AnyRequest, _error: NotFoundException) -> Answer:
    if for_script(request):
        return problem(
            "NoSuchRoute", 404, "There is no such address here. See the API description."
        )
    return _shown(request, 404)


def _unavailable(request: AnyRequest, _error: StoreUnavailable) -> Answer:
    return _shown(request, 503, UNREACHABLE)


def _shown(request: AnyRequest, status: int, detail: str = "", kind: str = "") -> Answer:
    visit = visit_at(request)
    answer = page(visit, "refusal.html.j2", status=status, code=status, detail=detail, kind=kind)
    if status == 503:
        answer.headers["Retry-After"] = "2"
    return answer


HANDLERS: ExceptionHandlersMap = {
    **EXCEPTION_HANDLERS,
    SignedOut: _signed_out,
    SignInFirst: _sign_in_first,
    Declined: _declined,
    NotFromHere: _not_from_here,
    NotForThisRole: _not_for_this_role,
    NotFoundException: _not_found,
    StoreUnavailable: _unavailable,
}
