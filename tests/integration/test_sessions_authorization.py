"""Every route of sessions, tried by everybody who might."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.call_centre import ADA, ALF, SUE, CallCentre, call_centre

EVERYBODY, ADMINISTRATORS, SUPERVISORS, AGENTS = {ADA, SUE, ALF}, {ADA}, {ADA, SUE}, {ALF}
GUARDED = {
    ("GET", "/organization"): ADMINISTRATORS,
    ("PATCH", "/organization"): ADMINISTRATORS,
    ("GET", "/sign-in-policy"): ADMINISTRATORS,
    ("PUT", "/sign-in-policy"): ADMINISTRATORS,
    ("GET", "/sign-in-policy/simulation"): ADMINISTRATORS,
    ("GET", "/users"): ADMINISTRATORS,
    ("POST", "/users"): ADMINISTRATORS,
    ("GET", "/users/{user_id}"): ADMINISTRATORS,
    ("PATCH", "/users/{user_id}"): ADMINISTRATORS,
    ("DELETE", "/users/{user_id}"): ADMINISTRATORS,
    ("PUT", "/users/{user_id}/password"): EVERYBODY,
    ("GET", "/desks"): EVERYBODY,
    ("POST", "/desks"): ADMINISTRATORS,
    ("GET", "/desks/{desk_id}"): ADMINISTRATORS,
    ("PATCH", "/desks/{desk_id}"): ADMINISTRATORS,
    ("DELETE", "/desks/{desk_id}"): ADMINISTRATORS,
    ("GET", "/desks/{desk_id}/guest"): SUPERVISORS,
    ("GET", "/seat-hours"): SUPERVISORS,
    ("GET", "/session"): EVERYBODY,
    ("PUT", "/session/heartbeat"): EVERYBODY,
    ("POST", "/sign-out"): EVERYBODY,
    ("PUT", "/session/desk"): AGENTS,
    ("DELETE", "/session/desk"): AGENTS,
    ("PUT", "/session/acd-state"): AGENTS,
    ("GET", "/sessions"): SUPERVISORS,
    ("DELETE", "/sessions"): SUPERVISORS,
    ("GET", "/sessions/history"): SUPERVISORS,
    ("DELETE", "/sessions/{session_id}"): SUPERVISORS,
    ("PUT", "/sessions/{session_id}/acd-state"): SUPERVISORS,
}
PUBLIC = {
    ("POST", "/organizations"),
    ("POST", "/sign-in"),
    ("POST", "/sign-in/refresh"),
    ("GET", "/sign-in/options"),
    ("GET", "/.well-known/jwks.json"),
}
REFUSED_BY_ROLE = "/problems/role-not-allowed"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[CallCentre]:
    async with call_centre(tmp_path) as centre:
        yield centre


async def test_every_route_stands_in_this_matrix(here: CallCentre) -> None:
    described = (await here.client.get("/sessions/openapi.json")).json()["paths"]
    routes = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, operations in described.items()
        for method in operations
        if path.startswith(("/api/v1", "/.well-known"))
    }
    assert routes == set(GUARDED) | PUBLIC


@pytest.mark.parametrize(("method", "path"), sorted(GUARDED))
async def test_nobody_gets_further_than_the_role_allows(
    here: CallCentre, method: str, path: str
) -> None:
    for user_id in (SUE, ALF):
        await here.sign_in(user_id)
    tokens = dict(here.tokens)
    filled = path.replace("{user_id}", "no-one@acme.example")
    for name in ("{desk_id}", "{session_id}"):
        filled = filled.replace(name, "missing")
    for nobody in (None, "no-token", "a.b.c"):
        assert (await here.send(method, filled, {}, nobody)).status_code == 401
    for user_id in sorted(EVERYBODY - GUARDED[method, path]):
        answer = await here.send(method, filled, {}, tokens[user_id])
        assert (answer.status_code, answer.json()["type"]) == (403, REFUSED_BY_ROLE)
    for user_id in sorted(GUARDED[method, path], reverse=True):
        body = None if method in ("GET", "DELETE") else {"state": 1}
        answer = await here.send(method, filled, body, tokens[user_id])
        refused = answer.status_code == 403 and not path.endswith("password")
        assert answer.status_code < 500
        assert not refused, answer.text


async def test_a_token_is_good_until_it_expires(here: CallCentre) -> None:
    await here.sign_in(ALF)
    await here.pass_time(3595, ADA, ALF)
    assert (await here.send("GET", "/session", who=ALF)).status_code == 200
    await here.pass_time(10)
    assert (await here.send("GET", "/session", who=ALF)).status_code == 401
