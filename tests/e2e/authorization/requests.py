"""What is sent to each route so that nothing but rights and ids can refuse it."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from chassis.cause import new_id
from tests.e2e.authorization.scene import (
    CSV,
    MISSING,
    PASSWORD,
    Ids,
    Organization,
    account,
    contact,
    installation,
    person,
)

Body = Callable[[Organization], Awaitable[Any]]
TIMES = "since=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z"
FUTURE = TIMES.replace("2026", "2099")
QUERIES = {
    "/api/v1/desks/{desk_id}/guest": "at=2099-01-01T00:00:00Z",
    "/api/v1/seat-hours": TIMES,
    "/api/v1/sign-in-policy/simulation": TIMES,
    "/api/v1/devices/{device_id}/configuration/difference": FUTURE,
}
SPARE = {
    ("DELETE", "/api/v1/providers/{provider_id}"): {"provider_id": "spare_provider_id"},
    ("DELETE", "/api/v1/sip-accounts/{sip_account_id}"): {"sip_account_id": "spare_sip_account_id"},
}
"""What is removed without harm to the rows below."""


def _always(body: Any) -> Body:
    async def made(_: Organization) -> Any:
        return body

    return made


async def _organization(_: Organization) -> Any:
    first = {"user_id": "root", "password": PASSWORD, "first_name": "A", "last_name": "B"}
    return {"name": "New", "domain": f"d{new_id()}.example", "administrator": first}


async def _sign_in(here: Organization) -> Any:
    user_id = f"other@{here.domain}"
    return {"user_id": user_id, "password": PASSWORD, "machine_id": f"machine of {user_id}"}


async def _refresh(here: Organization) -> Any:
    sign_in = await _sign_in(here)
    refresh_token = (await here.sign_in("other"))["refresh_token"]
    return {"refresh_token": refresh_token, "machine_id": sign_in["machine_id"]}


async def _user(_: Organization) -> Any:
    return person(f"u{new_id()}", "agent")


async def _desk(here: Organization) -> Any:
    return {"name": "14", "device_id": here.ids["spare_device_id"], "hot_desk": True}


async def _taken_desk(here: Organization) -> Any:
    return {"desk_id": here.ids["desk_id"]}


async def _device(here: Organization) -> Any:
    return {"name": "another", "sip_account_ids": [here.ids["sip_account_id"]]}


async def _accounts(here: Organization) -> Any:
    return {"sip_account_ids": [here.ids["sip_account_id"]]}


async def _installation(here: Organization) -> Any:
    return installation(here.ids["installed_code"])


BODIES: dict[tuple[str, str], Body] = {
    ("POST", "/api/v1/organizations"): _organization,
    ("PATCH", "/api/v1/organization"): _always({"name": "Other"}),
    ("PUT", "/api/v1/sign-in-policy"): _always({}),
    ("POST", "/api/v1/sign-in"): _sign_in,
    ("POST", "/api/v1/sign-in/refresh"): _refresh,
    ("POST", "/api/v1/users"): _user,
    ("PATCH", "/api/v1/users/{user_id}"): _always({"first_name": "Other"}),
    ("PUT", "/api/v1/users/{user_id}/password"): _always({"password": "another pass phrase"}),
    ("POST", "/api/v1/desks"): _desk,
    ("PATCH", "/api/v1/desks/{desk_id}"): _always({"name": "13"}),
    ("PUT", "/api/v1/session/desk"): _taken_desk,
    ("PUT", "/api/v1/session/language"): _always({"language": "de"}),
    ("PUT", "/api/v1/session/acd-state"): _always({"state": "available"}),
    ("PUT", "/api/v1/sessions/{session_id}/acd-state"): _always({"state": "available"}),
    ("POST", "/api/v1/providers"): _always({"name": "Third", "sip_server": "a.example"}),
    ("PATCH", "/api/v1/providers/{provider_id}"): _always({"name": "Other"}),
    ("POST", "/api/v1/providers/{provider_id}/sip-accounts"): _always(account("third")),
    ("PATCH", "/api/v1/sip-accounts/{sip_account_id}"): _always({"friendly_name": "Other"}),
    ("POST", "/api/v1/sip-accounts/{sip_account_id}/dial"): _always({"number": "123"}),
    ("POST", "/api/v1/contacts"): _always(contact("eve")),
    ("PATCH", "/api/v1/contacts/{contact_id}"): _always({"first_name": "Other"}),
    ("POST", "/api/v1/contacts/{contact_id}/devices"): _device,
    ("PATCH", "/api/v1/devices/{device_id}"): _accounts,
    ("POST", "/api/v1/devices/{device_id}/deactivate"): _always({"reason": "lost"}),
    ("POST", "/api/v1/imports"): _always(CSV.encode()),
    ("POST", "/api/v1/activate"): _installation,
    ("POST", "/api/v1/activations/{device_id}/instructions"): _always({}),
}


def address(route: tuple[str, str], ids: Ids) -> str:
    """The path with these ids in it, and with the questions it needs."""
    path = route[1]
    named = {**ids, **{name: ids[spare] for name, spare in SPARE.get(route, {}).items()}}
    for name, value in named.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return f"{path}?{QUERIES[route[1]]}" if route[1] in QUERIES else path


def nothing(ids: Ids) -> Ids:
    """Ids of the same shape that nobody has."""
    made_up = {"user_id": f"nobody@{ids['user_id'].partition('@')[2]}", "code": "BBBB-BBBB-BBBB"}
    return {name: made_up.get(name, MISSING) for name in ids}
