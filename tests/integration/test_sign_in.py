"""Signing in over HTTP: statements B1 to B26 of the mission, as far as they are about sign-in."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.counters import LocalCounters
from chassis.event_store import StoreUnavailable
from chassis.key_rotation import rotate_signing_key
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


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[CallCentre]:
    async with call_centre(tmp_path) as centre:
        yield centre


@pytest.mark.parametrize("user_id", [SUE, ALF])
async def test_b2_agents_and_supervisors_sign_in_by_the_same_procedure(
    here: CallCentre, user_id: str
) -> None:
    answer = await here.sign_in(user_id)
    assert answer.status_code == 201
    session = answer.json()
    assert session["user"]["user_id"] == user_id
    assert (session["heartbeat_seconds"], session["lease_seconds"]) == (15, 45)
    assert (await here.get("/session", user_id))["session_id"] == session["session_id"]


async def test_b8_one_login_id_works_on_every_machine(here: CallCentre) -> None:
    for machine in ("m1", "m2"):
        assert (await here.sign_in(ALF, machine)).status_code == 201
        assert (await here.send("POST", "/sign-out", who=ALF)).status_code == 204


async def test_b9_i22_different_users_are_never_signed_in_on_one_machine(here: CallCentre) -> None:
    await here.sign_in(ALF, "m1")
    refused = await here.sign_in(BEA, "m1")
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/machine-in-use"
    await here.send("POST", "/sign-out", who=ALF)
    assert (await here.sign_in(BEA, "m1")).status_code == 201


async def test_b9_i22_a_machine_is_one_machine_whatever_the_organization_and_role(
    here: CallCentre,
) -> None:
    eve = "eve@other.example"
    await here.register_organization("other.example", eve)
    await here.sign_in(ALF, "m1")
    refused = await here.sign_in(eve, "m1")
    assert refused.json()["type"] == "/problems/machine-in-use"
    assert not [name for name in (ALF, "Acme", here.organization_id) if name in refused.text]
    await here.send("POST", "/sign-out", who=ALF)
    assert (await here.sign_in(eve, "m1")).status_code == 201
    assert (await here.sign_in(ALF, "m1")).status_code == 409


async def test_b10_i22_the_same_user_on_the_same_machine_gets_the_session_back(
    here: CallCentre,
) -> None:
    first = await here.sign_in(ALF, "m1")
    again = await here.sign_in(ALF, "m1")
    assert again.status_code == 200
    assert again.json()["session_id"] == first.json()["session_id"]
    assert len(here.events("AgentSignedIn")) == 2  # the administrator's and this one


async def test_b11_portal_and_call_centre_know_one_identity(here: CallCentre) -> None:
    await here.sign_in(ADA)
    assert (await here.send("GET", "/organization")).status_code == 200
    assert (await here.live())[ADA]["role"] == "administrator"


async def test_b12_the_form_asks_for_user_id_and_password(here: CallCentre) -> None:
    answer = await here.send("POST", "/sign-in", {"machine_id": "m1"}, None)
    assert answer.status_code == 422
    assert {e["field"] for e in answer.json()["errors"]} == {"user_id", "password"}


@pytest.mark.parametrize(
    "typed", [ALF.upper(), f" {ALF} ", f"alf@{DOMAIN.upper()}.", "\uff41lf@acme.example"]
)
async def test_b13_i26_a_user_id_is_user_at_domain_however_it_is_written(
    here: CallCentre, typed: str
) -> None:
    answer = await here.sign_in(typed)
    assert answer.json()["user"]["user_id"] == ALF


@pytest.mark.parametrize("user_id", [ALF, f"nobody@{DOMAIN}", "alf@unknown.example"])
async def test_b14_i32_who_does_not_know_id_or_password_is_sent_to_the_administrator(
    here: CallCentre, user_id: str
) -> None:
    answer = await here.sign_in(user_id, password="not the password")
    assert answer.status_code == 401
    assert answer.json() == {
        "type": "/problems/unauthenticated",
        "title": "Unauthenticated",
        "status": 401,
        "detail": "User id or password is wrong. Not sure of them? Ask your administrator.",
    }


async def test_b15_b16_the_user_part_alone_gets_the_default_domain(here: CallCentre) -> None:
    answer = await here.sign_in("alf", sign_in_name="acme-example")
    assert answer.json()["user"]["user_id"] == ALF
    assert here.events("AgentSignedIn")[-1]["domain_source"] == "default"


async def test_b17_a_user_of_another_domain_types_it(here: CallCentre) -> None:
    await here.send("PATCH", "/organization", {"domains": [DOMAIN, "second.example"]})
    await here.register("zoe@second.example")
    assert (await here.sign_in("zoe", sign_in_name="acme-example")).status_code == 401
    answer = await here.sign_in("zoe@second.example", sign_in_name="acme-example")
    assert answer.status_code == 201
    assert here.events("AgentSignedIn")[-1]["domain_source"] == "typed"


async def test_b18_i27_an_own_domain_is_appended_only_if_the_policy_allows_it(
    here: CallCentre,
) -> None:
    refused = await here.sign_in("alf", append_domain=DOMAIN)
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/own-domain-not-allowed"
    assert refused.json()["errors"][0]["field"] == "append_domain"
    await here.policy(users_may_set_domain=True)
    assert (await here.sign_in("alf", append_domain=DOMAIN)).status_code == 201
    assert here.events("AgentSignedIn")[-1]["domain_source"] == "own"


async def test_i27_a_user_is_given_an_own_domain_only_if_the_policy_allows_it(
    here: CallCentre,
) -> None:
    change = {"append_domain": DOMAIN}
    assert (await here.send("PATCH", f"/users/{ALF}", change)).status_code == 409
    await here.policy(users_may_set_domain=True)
    answer = await here.send("PATCH", f"/users/{ALF}", change)
    assert answer.json()["append_domain"] == DOMAIN


async def test_b19_b20_i26_the_own_domain_beats_the_default_and_the_typed_one_both(
    here: CallCentre,
) -> None:
    await here.send("PATCH", "/organization", {"domains": [DOMAIN, "second.example"]})
    await here.register("alf@second.example")
    await here.policy(users_may_set_domain=True)
    page = {"sign_in_name": "acme-example"}
    own = await here.sign_in("alf", "m1", append_domain="second.example", **page)
    assert own.json()["user"]["user_id"] == "alf@second.example"
    typed = await here.sign_in(ALF, "m2", append_domain="second.example", **page)
    assert typed.json()["user"]["user_id"] == ALF


async def test_b20_no_domain_at_all_is_a_refusal_that_says_so(here: CallCentre) -> None:
    answer = await here.sign_in("alf")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "user_id"
    assert "no domain is set to be appended" in error["message"]


async def test_b22_staying_signed_in_is_the_default(here: CallCentre) -> None:
    await here.sign_in(ALF)
    await here.sign_in(BEA, stay_signed_in=False)
    live = await here.live()
    assert (live[ALF]["stay_signed_in"], live[BEA]["stay_signed_in"]) == (True, False)


async def test_b24_b25_options_are_shown_before_anybody_signs_in(here: CallCentre) -> None:
    unknown = await here.get("/sign-in/options", None)
    assert unknown == {
        "languages": ["en", "de", "es", "fr", "ru"],
        "default_domain": None,
        "users_may_set_domain": False,
        "organization": None,
        "help_contact": None,
        "self_registration": True,
    }
    await here.policy(languages=["de", "fr"], users_may_set_domain=True)
    await here.send("PATCH", "/organization", {"help_contact": "Ada, room 3"})
    assert await here.get("/sign-in/options?sign_in_name=acme-example", None) == {
        "languages": ["de", "fr"],
        "default_domain": DOMAIN,
        "users_may_set_domain": True,
        "organization": "Acme",
        "help_contact": "Ada, room 3",
        "self_registration": True,
    }


async def test_b25_the_language_is_picked_before_signing_in_and_kept(here: CallCentre) -> None:
    await here.policy(languages=["de", "fr"])
    assert (await here.sign_in(ALF)).json()["user"]["language"] == "de"
    await here.send("POST", "/sign-out", who=ALF)
    refused = await here.sign_in(ALF, language="ru")
    assert refused.json()["errors"][0]["message"] == "Choose one of: de, fr."
    assert (await here.sign_in(ALF, language="fr")).json()["user"]["language"] == "fr"
    await here.send("POST", "/sign-out", who=ALF)
    assert (await here.sign_in(ALF)).json()["user"]["language"] == "fr"


async def test_i29_a_second_sign_in_elsewhere_is_refused_and_noted(here: CallCentre) -> None:
    first = (await here.sign_in(ALF, "m1")).json()["session_id"]
    refused = await here.sign_in(ALF, "m2")
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/signed-in-elsewhere"
    (noted,) = here.events("SignInRefused")
    assert (noted["reason"], noted["session_id"]) == ("second_sign_in", first)
    assert await here.beat(ALF) == [204]


async def test_i29_a_takeover_ends_the_earlier_session_and_says_why(here: CallCentre) -> None:
    await here.policy(second_sign_in="takeover")
    first = (await here.sign_in(ALF, "m1")).json()["session_id"]
    lost = here.tokens[ALF]
    assert (await here.sign_in(ALF, "m2")).status_code == 201
    (over,) = here.events("AgentSignedOut")
    assert (over["session_id"], over["reason"], over["by"]) == (first, "takeover", over["user_id"])
    assert await here.beat(lost, ALF) == [401, 204]
    assert (await here.sign_in(BEA, "m1")).status_code == 201


async def test_i29_a_machine_in_use_is_noted(here: CallCentre) -> None:
    await here.sign_in(ALF, "m1")
    await here.sign_in(BEA, "m1")
    (noted,) = here.events("SignInRefused")
    assert noted["reason"] == "machine_in_use"
    assert "session_id" not in noted


async def test_i32_too_many_wrong_passwords_make_everybody_wait_alike(here: CallCentre) -> None:
    answers = {}
    for user_id in (ALF, f"nobody@{DOMAIN}"):
        for _ in range(10):
            assert (await here.sign_in(user_id, password="wrong")).status_code == 401
        answers[user_id] = await here.sign_in(user_id)
    known, unknown = answers.values()
    assert known.status_code == unknown.status_code == 429
    assert known.json() == unknown.json()
    assert known.headers["Retry-After"] == "60"
    assert (await here.sign_in(BEA)).status_code == 201
    await here.pass_time(60, BEA)
    assert (await here.sign_in(ALF)).status_code == 201


async def test_a_stranger_does_not_lock_a_user_out_where_the_user_was_before(
    here: CallCentre,
) -> None:
    await here.sign_in(ALF, "at home")
    await here.send("POST", "/sign-out", who=ALF)
    for _ in range(10):
        await here.sign_in(ALF, "a stranger's", password="wrong")
    assert (await here.sign_in(ALF, "a stranger's")).status_code == 429
    assert (await here.sign_in(ALF, "at home")).status_code == 201


async def test_who_knew_the_last_password_has_no_more_tries_at_the_next_one(
    here: CallCentre,
) -> None:
    machines = [f"m{number}" for number in range(3)]
    for machine in machines:
        await here.sign_in(ALF, machine)
        await here.send("POST", "/sign-out", who=ALF)
    await here.send("PUT", f"/users/{ALF}/password", {"password": "another long enough phrase"})
    guesses = [await here.sign_in(ALF, machine) for machine in machines for _ in range(10)]
    assert [guess.status_code for guess in guesses] == [401] * 10 + [429] * 20


async def test_others_at_the_same_address_lock_nobody_out_of_a_known_machine(
    tmp_path: Path,
) -> None:
    async with call_centre(tmp_path, failed_sign_ins_per_address=3) as here:
        await here.sign_in(ALF, "at work")
        await here.send("POST", "/sign-out", who=ALF)
        for number in range(3):
            await here.sign_in(f"nobody{number}@{DOMAIN}", password="wrong")
        assert (await here.sign_in(BEA, "new here")).status_code == 429
        assert (await here.sign_in(ALF, "at work")).status_code == 201


async def test_signing_in_takes_json_and_leaves_no_cookie(here: CallCentre) -> None:
    body = f'{{"user_id": "{ALF}", "password": "{PASSWORD}", "machine_id": "m1"}}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"Content-Type": kind, "Origin": "https://elsewhere.example"}
        answer = await here.client.post("/api/v1/sign-in", content=body, headers=headers)
        assert answer.status_code in (400, 415, 422), kind
    assert "set-cookie" not in (await here.sign_in(ALF)).headers


async def test_a_session_has_an_id_that_nobody_chose(here: CallCentre) -> None:
    refused = await here.sign_in(ALF, session_id="chosen by somebody else")
    assert refused.status_code == 422


async def test_a_hundred_tries_at_once_are_not_a_hundred_tries(here: CallCentre) -> None:
    tries = (here.sign_in(ALF, f"m{n}", password="wrong") for n in range(100))
    statuses = Counter(answer.status_code for answer in await asyncio.gather(*tries))
    assert statuses == {401: 10, 429: 90}


async def test_a_sign_in_that_cannot_be_counted_is_refused(
    here: CallCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_counters: LocalCounters, _key: str, _amount: int) -> int:
        raise StoreUnavailable("The broker is away.")

    monkeypatch.setattr(LocalCounters, "add", away)
    refused = await here.sign_in(ALF)
    assert refused.status_code == 503
    assert "Retry-After" in refused.headers


async def test_no_password_token_or_machine_stands_in_the_log(here: CallCentre) -> None:
    answer = (await here.sign_in(ALF, "the machine itself")).json()
    log = "".join(r.envelope.model_dump_json() for r in here.store.all())
    for secret in (PASSWORD, answer["access_token"], answer["refresh_token"], "the machine itself"):
        assert secret not in log


async def test_a_refresh_token_is_replaced_at_each_use(here: CallCentre) -> None:
    first = (await here.sign_in(ALF, "m1")).json()["refresh_token"]
    body = {"refresh_token": first, "machine_id": "m1"}
    answer = await here.send("POST", "/sign-in/refresh", body, None)
    assert answer.status_code == 200
    renewed = answer.json()
    assert renewed["refresh_token"] != first
    assert (await here.send("GET", "/session", who=renewed["access_token"])).status_code == 200


async def test_a_refresh_token_that_is_used_twice_ends_the_session(here: CallCentre) -> None:
    first = (await here.sign_in(ALF, "m1")).json()["refresh_token"]
    body = {"refresh_token": first, "machine_id": "m1"}
    second = (await here.send("POST", "/sign-in/refresh", body, None)).json()["refresh_token"]
    assert (await here.send("POST", "/sign-in/refresh", body, None)).status_code == 401
    body["refresh_token"] = second
    assert (await here.send("POST", "/sign-in/refresh", body, None)).status_code == 401
    assert here.reasons() == ["forced"]


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "a" * 400])
async def test_what_is_no_refresh_token_is_refused(here: CallCentre, token: str) -> None:
    body = {"refresh_token": token, "machine_id": "m1"}
    assert (await here.send("POST", "/sign-in/refresh", body, None)).status_code == 401


async def test_a_refresh_token_is_good_on_its_own_machine_only(here: CallCentre) -> None:
    token = (await here.sign_in(ALF, "m1")).json()["refresh_token"]
    body = {"refresh_token": token, "machine_id": "m2"}
    assert (await here.send("POST", "/sign-in/refresh", body, None)).status_code == 401


async def test_the_keys_are_public_and_hold_no_secret(here: CallCentre) -> None:
    (key,) = (await here.get("/.well-known/jwks.json", None))["keys"]
    assert key["crv"] == "Ed25519"
    assert "d" not in key


async def test_a_new_signing_key_is_published_at_once(here: CallCentre, tmp_path: Path) -> None:
    kid = rotate_signing_key(tmp_path / "signing.json", tmp_path / "jwks.json", here.clock())
    keys = (await here.get("/.well-known/jwks.json", None))["keys"]
    assert kid in {one["kid"] for one in keys}
    assert json.loads((tmp_path / "jwks.json").read_text())["keys"] == keys


async def test_administrators_are_signed_in_on_several_machines(here: CallCentre) -> None:
    assert (await here.sign_in(ADA, "a browser")).status_code == 201
    browser = here.tokens[ADA]
    assert (await here.sign_in(ADA, "a script")).status_code == 201
    assert await here.beat(browser, ADA) == [204, 204]


async def test_a_token_is_good_until_it_expires(here: CallCentre) -> None:
    await here.sign_in(ALF)
    await here.pass_time(3595, ADA, ALF)
    assert (await here.send("GET", "/session", who=ALF)).status_code == 200
    await here.pass_time(10)
    assert (await here.send("GET", "/session", who=ALF)).status_code == 401


async def test_b26_signing_in_starts_everything_a_client_needs(here: CallCentre) -> None:
    started = (await here.sign_in(ALF, "m1")).json()
    assert set(started) >= {"session_id", "access_token", "expires_in", "refresh_token"}
    assert await here.beat(ALF) == [204]
    assert (await here.live())[ALF]["connection"] == "connected"
    assert here.events("AgentSignedIn")[-1]["session_id"] == started["session_id"]
