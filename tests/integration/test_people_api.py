"""Organizations, users and passwords over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.call_centre import (
    ADA,
    ALF,
    BEA,
    DOMAIN,
    PASSWORD,
    SUE,
    CallCentre,
    call_centre,
)

ANOTHER = "quite another pass phrase"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[CallCentre]:
    async with call_centre(tmp_path) as centre:
        yield centre


async def test_an_organization_is_changed_as_an_event_that_others_can_read(
    here: CallCentre,
) -> None:
    change = {
        "name": "Acme Ltd",
        "help_contact": "Ask Ada",
        "mail_from": "phones@acme.example",
        "download_links": {"android": "https://acme.example/app"},
        "code_lifetime_minutes": 60,
        "language": "de",
    }
    answer = await here.send("PATCH", "/organization", change)
    assert answer.status_code == 200
    assert change.items() <= answer.json().items()
    (changed,) = here.events("OrganizationChanged")
    assert change.items() <= changed.items()
    for name in ("help_contact", "mail_from", "language"):
        cleared = await here.send("PATCH", "/organization", {name: None})
        assert cleared.json()[name] is None
    assert (await here.send("PATCH", "/organization", {"language": "it"})).status_code == 422
    assert (await here.send("PATCH", "/organization", {"name": None})).status_code == 422


async def test_a_change_of_something_older_is_refused(here: CallCentre) -> None:
    shown = await here.send("GET", "/organization")
    await here.send("PATCH", "/organization", {"name": "Other"})
    late = await here.send(
        "PATCH", "/organization", {"name": "Third"}, **{"If-Match": shown.headers["ETag"]}
    )
    assert late.status_code == 412


async def test_a_domain_that_users_have_stays(here: CallCentre) -> None:
    await here.send("PATCH", "/organization", {"domains": [DOMAIN, "second.example"]})
    await here.register("zoe@second.example")
    gone = {"domains": [DOMAIN]}
    assert (await here.send("PATCH", "/organization", gone)).status_code == 409
    await here.send("DELETE", "/users/zoe@second.example")
    assert (await here.send("PATCH", "/organization", gone)).status_code == 200


async def test_an_administrator_looks_after_users(here: CallCentre) -> None:
    listed = [user["user_id"] for user in (await here.get("/users"))["items"]]
    assert listed == sorted([ADA, SUE, ALF, BEA])
    shown = await here.get(f"/users/{ALF.replace('@', '%40')}")
    assert (shown["role"], shown["sip_account_ids"]) == ("agent", None)
    changed = await here.send("PATCH", f"/users/{ALF}", {"first_name": "Alfred", "language": "de"})
    assert (changed.json()["first_name"], changed.json()["language"]) == ("Alfred", "de")
    assert (await here.send("DELETE", f"/users/{ALF}")).status_code == 204
    assert (await here.send("GET", f"/users/{ALF}")).status_code == 404
    assert (await here.sign_in(ALF)).status_code == 401
    assert (await here.register(ALF)).status_code == 201


async def test_a_user_id_is_unique_and_in_an_own_domain(here: CallCentre) -> None:
    assert (await here.register(ALF.upper())).status_code == 409
    assert (await here.register("eve@foreign.example")).status_code == 422
    short = await here.register("carl")
    assert short.json()["user_id"] == f"carl@{DOMAIN}"
    assert short.headers["Location"] == "/api/v1/users/carl%40acme.example"


@pytest.mark.parametrize("domain", ["", ".", "two words"])
async def test_what_is_no_domain_is_refused(here: CallCentre, domain: str) -> None:
    await here.policy(users_may_set_domain=True)
    answer = await here.send("PATCH", f"/users/{ALF}", {"append_domain": domain})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "append_domain"


@pytest.mark.parametrize("password", ["short", "x" * 129, "Password123"])
async def test_weak_passwords_are_refused(here: CallCentre, password: str) -> None:
    answer = await here.register("carl", password=password)
    assert answer.json()["errors"][0]["field"] == "password"


async def test_a_user_without_a_password_cannot_sign_in(here: CallCentre) -> None:
    body = {"user_id": "carl", "role": "agent", "first_name": "Carl", "last_name": "C"}
    assert (await here.send("POST", "/users", body)).status_code == 201
    assert (await here.sign_in(f"carl@{DOMAIN}")).status_code == 401
    await here.send("PUT", f"/users/carl@{DOMAIN}/password", {"password": PASSWORD})
    assert (await here.sign_in(f"carl@{DOMAIN}")).status_code == 201


def hashes(here: CallCentre) -> set[str]:
    """Where hashes of passwords are kept."""
    return {key for key in here.vault.kept() if ".user." in key}


async def test_a_refused_registration_leaves_no_hash_behind(here: CallCentre) -> None:
    before = hashes(here)
    assert (await here.register(ALF)).status_code == 409
    assert (await here.register_organization(DOMAIN, "eve")).status_code == 409
    assert hashes(here) == before


async def test_a_replaced_password_and_that_of_a_removed_user_are_wiped(here: CallCentre) -> None:
    before = hashes(here)
    await here.send("PUT", f"/users/{ALF}/password", {"password": ANOTHER})
    (old,), (new,) = before - hashes(here), hashes(here) - before
    assert (old[-2:], new[-2:]) == (".1", ".2")
    await here.send("DELETE", f"/users/{ALF}")
    assert hashes(here) == before - {old}


async def swept(here: CallCentre) -> None:
    """The worker has gone its round."""
    (one,) = (r for r in here.service.rounds if r.name == "orphaned-hashes")
    while await one.go():
        pass


async def test_hashes_that_a_crash_left_behind_are_swept_away_and_no_others(
    here: CallCentre,
) -> None:
    await here.send("PUT", f"/users/{ALF}/password", {"password": ANOTHER})
    useful = hashes(here)
    (earlier,) = (key.replace(".2", ".1") for key in useful if key.endswith(".2"))
    await here.register("carl")
    (of_carl,) = hashes(here) - useful
    await here.send("DELETE", f"/users/carl@{DOMAIN}")
    nobodys = f"{here.organization_id}.user.under-way.1"
    for key in (earlier, of_carl, nobodys):
        await here.vault.put(key, b"left behind")
    await swept(here)
    assert hashes(here) == useful | {nobodys}
    assert (await here.sign_in(ALF, password=ANOTHER)).status_code == 201
    await here.vault.put(of_carl, b"left behind again")
    await swept(here)
    assert hashes(here) == useful | {nobodys}


async def test_a_password_change_that_comes_too_late_changes_no_hash(here: CallCentre) -> None:
    before = hashes(here)
    late = {"If-Match": '"7"'}
    answer = await here.send("PUT", f"/users/{ALF}/password", {"password": ANOTHER}, **late)
    assert answer.status_code == 412
    assert hashes(here) == before


@pytest.mark.parametrize(
    "password", ["acme2026!", "Alf@acme.example", "ACMEacme12", "switchboard1"]
)
async def test_a_password_is_not_made_of_names(here: CallCentre, password: str) -> None:
    answer = await here.send("PUT", f"/users/{ALF}/password", {"password": password})
    assert answer.json()["errors"][0]["field"] == "password"
    added = await here.register("carl", password=password)
    assert added.json()["errors"][0]["field"] == "password"


async def test_an_administrator_sets_a_password_and_the_user_is_signed_out(
    here: CallCentre,
) -> None:
    await here.sign_in(ALF)
    answer = await here.send("PUT", f"/users/{ALF}/password", {"password": ANOTHER})
    assert answer.status_code == 204
    assert await here.beat(ALF) == [401]
    assert (await here.sign_in(ALF)).status_code == 401
    assert (await here.sign_in(ALF, password=ANOTHER)).status_code == 201


async def test_the_own_password_takes_the_present_one_and_keeps_the_own_session(
    here: CallCentre,
) -> None:
    await here.sign_in(ALF)
    path, body = f"/users/{ALF}/password", {"password": ANOTHER}
    assert (await here.send("PUT", path, body, ALF)).status_code == 422
    wrong = {**body, "current_password": "wrong"}
    assert (await here.send("PUT", path, wrong, ALF)).status_code == 422
    right = {**body, "current_password": PASSWORD}
    assert (await here.send("PUT", path, right, ALF)).status_code == 204
    assert await here.beat(ALF) == [204]


async def test_whoever_found_a_signed_in_browser_cannot_guess_the_password(
    here: CallCentre,
) -> None:
    await here.sign_in(ALF)
    path, body = f"/users/{ALF}/password", {"password": ANOTHER, "current_password": "guess"}
    tries = [(await here.send("PUT", path, body, ALF)).status_code for _ in range(11)]
    assert tries == [422] * 10 + [429]
    assert (await here.sign_in(ALF, "elsewhere")).status_code == 409, "the right one is still right"


async def test_a_password_change_ends_the_other_sessions_of_an_administrator(
    here: CallCentre,
) -> None:
    await here.sign_in(ADA, "a browser")
    browser = here.tokens[ADA]
    await here.sign_in(ADA, "a script")
    body = {"password": ANOTHER, "current_password": PASSWORD}
    assert (await here.send("PUT", f"/users/{ADA}/password", body)).status_code == 204
    assert await here.beat(browser, ADA) == [401, 204]


@pytest.mark.parametrize("other", [BEA, f"nobody@{DOMAIN}", "eve@foreign.example"])
async def test_i32_others_passwords_are_no_business_of_an_agent(
    here: CallCentre, other: str
) -> None:
    await here.sign_in(ALF)
    body = {"password": ANOTHER, "current_password": PASSWORD}
    answer = await here.send("PUT", f"/users/{other}/password", body, ALF)
    assert answer.status_code == 403


async def test_another_role_signs_out(here: CallCentre) -> None:
    await here.sign_in(ALF)
    await here.send("PATCH", f"/users/{ALF}", {"role": "supervisor"})
    assert await here.beat(ALF) == [401]
    assert (await here.sign_in(ALF)).json()["user"]["role"] == "supervisor"


async def test_nobody_removes_or_demotes_themself(here: CallCentre) -> None:
    assert (await here.send("DELETE", f"/users/{ADA}")).status_code == 409
    assert (await here.send("PATCH", f"/users/{ADA}", {"role": "agent"})).status_code == 409


EVE = f"eve@{DOMAIN}"


@pytest.mark.parametrize(
    ("method", "body"), [("DELETE", None), ("PATCH", {"role": "agent"})], ids=["remove", "demote"]
)
async def test_administrators_who_remove_each_other_at_once_leave_one(
    here: CallCentre, method: str, body: object
) -> None:
    await here.register(EVE, "administrator")
    for _ in range(5):
        await here.sign_in(ADA)
        await here.sign_in(EVE)
        answers = await asyncio.gather(
            here.send(method, f"/users/{EVE}", body, ADA),
            here.send(method, f"/users/{ADA}", body, EVE),
        )
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses in ([200, 409], [204, 409])
        left, gone = (ADA, EVE) if answers[0].status_code < 300 else (EVE, ADA)
        roles = {
            user["user_id"]: user["role"] for user in (await here.get("/users", left))["items"]
        }
        assert [one for one, role in roles.items() if role == "administrator"] == [left]
        if method == "DELETE":
            assert (await here.register(gone, "administrator", who=left)).status_code == 201
        else:
            again = {"role": "administrator"}
            assert (await here.send("PATCH", f"/users/{gone}", again, left)).status_code == 200


async def test_numbers_and_contacts_must_exist(
    here: CallCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.sessions.references.PAUSES_SECONDS", ())
    for change in ({"sip_account_ids": ["nothing"]}, {"contact_id": "nobody"}):
        answer = await here.send("PATCH", f"/users/{ALF}", change)
        assert answer.json()["errors"][0]["field"] == next(iter(change))
    five = {"sip_account_ids": ["1", "2", "3", "4", "5"]}
    assert (await here.send("PATCH", f"/users/{ALF}", five)).status_code == 422


async def test_users_and_desks_of_other_organizations_do_not_exist(here: CallCentre) -> None:
    desk = await here.desk()
    await here.register_organization("other.example", "eve")
    await here.sign_in("eve@other.example")
    session = (await here.sign_in(ALF)).json()["session_id"]
    for method, path in [
        ("GET", f"/users/{ALF}"),
        ("DELETE", f"/users/{ALF}"),
        ("GET", f"/desks/{desk}"),
        ("DELETE", f"/desks/{desk}"),
        ("DELETE", f"/sessions/{session}"),
    ]:
        answer = await here.send(method, path, who="eve@other.example")
        assert answer.status_code == 404, path
    assert (await here.get("/users", "eve@other.example"))["items"][0]["user_id"] == (
        "eve@other.example"
    )
    taken = {"domains": ["other.example", DOMAIN]}
    refused = await here.send("PATCH", "/organization", taken, "eve@other.example")
    assert refused.status_code == 409
