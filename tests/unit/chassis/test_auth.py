"""Access tokens and the guards that ask for them."""

import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey
from litestar import Litestar
from litestar.testing import AsyncTestClient

from chassis.auth import Principal, TokenVerifier, Unauthenticated
from chassis.jwks import MAX_AGE_SECONDS, PAUSE_SECONDS, JwksFile, JwksUrl, KeysUnavailable
from chassis.key_files import WrongKeyFile
from chassis.signing_key import create_signing_key, load_signing_key, new_signing_key
from chassis.testing.http import HttpFakes
from chassis.testing.tokens import ADMINISTRATOR, AGENT, SUPERVISOR, Tokens
from tests.unit.chassis.demo import demo

Client = AsyncTestClient[Litestar]
NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
DESK = {"name": "desk"}


def noon() -> datetime:
    return NOON


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(noon)


@pytest.fixture
def fakes() -> HttpFakes:
    return HttpFakes()


@pytest.fixture
async def client(fakes: HttpFakes) -> AsyncIterator[Client]:
    async with fakes.client(demo) as client:
        yield client


async def test_a_token_says_who_asks(tokens: Tokens) -> None:
    assert await tokens.verifier.verify(tokens.token(AGENT)) == AGENT


async def test_a_token_is_refused_from_the_second_it_expires(tokens: Tokens) -> None:
    last_second = tokens.token(AGENT, expires=NOON + timedelta(seconds=1))
    assert await tokens.verifier.verify(last_second) == AGENT
    with pytest.raises(Unauthenticated, match="expired"):
        await tokens.verifier.verify(tokens.token(AGENT, expires=NOON))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "somebody"},
        {"aud": "somebody"},
        {"role": "owner"},
        {"sub": ""},
        {"org": None},
        {"sid": None},
        {"exp": None},
    ],
    ids=str,
)
async def test_a_token_with_a_wrong_claim_is_refused(
    tokens: Tokens, claims: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        await tokens.verifier.verify(tokens.token(AGENT, **claims))


async def test_a_token_of_another_key_is_refused(tokens: Tokens) -> None:
    stranger = Tokens(noon)
    with pytest.raises(Unauthenticated):
        await tokens.verifier.verify(stranger.token(AGENT))


async def test_a_token_under_a_known_key_id_but_of_another_key_is_refused(tokens: Tokens) -> None:
    impostor = Tokens(noon)
    impostor.key = impostor.key.import_key({**impostor.key.as_dict(private=True), "kid": "x"})
    tokens.key = tokens.key.import_key({**tokens.key.as_dict(private=True), "kid": "x"})
    with pytest.raises(Unauthenticated):
        await tokens.verifier.verify(impostor.token(AGENT))


async def test_a_token_signed_with_the_public_key_as_secret_is_refused(tokens: Tokens) -> None:
    public = OctKey.import_key(str(tokens.key.as_dict(private=False)["x"]))
    forged = jwt.encode(
        {"alg": "HS256", "kid": tokens.key.kid},
        jwt.decode(tokens.token(AGENT), tokens.key, algorithms=["Ed25519"]).claims,
        public,
        algorithms=["HS256"],
    )
    with pytest.raises(Unauthenticated):
        await tokens.verifier.verify(forged)


@pytest.mark.parametrize("kid", ["../../etc/passwd", "/dev/null", "x' OR 1", ""])
async def test_a_key_id_is_no_path_and_no_question(tokens: Tokens, kid: str) -> None:
    claims = jwt.decode(tokens.token(AGENT), tokens.key, algorithms=["Ed25519"]).claims
    forged = jwt.encode({"alg": "Ed25519", "kid": kid}, claims, tokens.key, algorithms=["Ed25519"])
    with pytest.raises(Unauthenticated):
        await tokens.verifier.verify(forged)


async def test_a_token_that_brings_its_own_key_is_refused(tokens: Tokens) -> None:
    stranger = Tokens(noon)
    header = {"alg": "Ed25519", "kid": tokens.key.kid, "jwk": stranger.key.as_dict(private=False)}
    claims = jwt.decode(tokens.token(AGENT), tokens.key, algorithms=["Ed25519"]).claims
    forged = jwt.encode(header, claims, stranger.key, algorithms=["Ed25519"])
    with pytest.raises(Unauthenticated):
        await tokens.verifier.verify(forged)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
async def test_an_unsigned_token_is_refused(tokens: Tokens, algorithm: str) -> None:
    head, claims, _ = tokens.token(AGENT).split(".")
    header = {"alg": algorithm, "kid": tokens.key.kid}
    head = urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    for signature in ("", "AA"):
        with pytest.raises(Unauthenticated):
            await tokens.verifier.verify(f"{head}.{claims}.{signature}")


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "é.é.é", "x" * 5000, "eyJhbGciOiJub25lIn0.e30."]
)
async def test_what_is_no_token_is_refused(tokens: Tokens, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await tokens.verifier.verify(token)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/v1/desks", {"administrator"}),
        ("DELETE", "/api/v1/desks/d1", {"administrator", "supervisor"}),
        ("POST", "/api/v1/desks/d1/take", {"agent"}),
        ("GET", "/api/v1/desks", {"administrator", "supervisor", "agent"}),
    ],
)
async def test_each_route_lets_in_exactly_its_roles(
    fakes: HttpFakes, client: Client, method: str, path: str, allowed: set[str]
) -> None:
    for principal in (ADMINISTRATOR, SUPERVISOR, AGENT):
        answer = await client.request(
            method,
            path,
            headers=fakes.tokens.headers(principal),
            json=DESK if path.endswith("desks") and method == "POST" else None,
        )
        assert (answer.status_code != 403) == (principal.role in allowed), principal.role


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer not-a-token"]
)
async def test_who_is_not_signed_in_is_told_to(client: Client, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = await client.get("/api/v1/desks", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "ign in" in answer.json()["detail"]


async def test_a_refused_role_is_told_whom_to_ask(fakes: HttpFakes, client: Client) -> None:
    answer = await client.post("/api/v1/desks", json=DESK, headers=fakes.tokens.headers(AGENT))
    assert answer.json()["type"] == "/problems/role-not-allowed"
    assert "administrator" in answer.json()["detail"]


async def test_who_is_not_signed_in_learns_nothing_about_the_body(client: Client) -> None:
    answer = await client.post("/api/v1/desks", content=b"{", headers={"Content-Type": "x/y"})
    assert answer.status_code == 401


class Seconds:
    """A monotonic clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_file_with_a_new_key_is_read_when_that_key_is_met(tmp_path: Path) -> None:
    seconds, path = Seconds(), tmp_path / "jwks.json"
    old, new = Tokens(noon), Tokens(noon)
    path.write_text(json.dumps(KeySet([old.key]).as_dict(private=False)))
    verifier = TokenVerifier(JwksFile(path, seconds), noon)
    assert await verifier.verify(old.token(AGENT)) == AGENT
    path.write_text(json.dumps(KeySet([new.key]).as_dict(private=False)))
    seconds.now += PAUSE_SECONDS
    assert await verifier.verify(new.token(AGENT)) == AGENT
    with pytest.raises(Unauthenticated):
        await verifier.verify(old.token(AGENT))


class Publisher:
    """Plays the address where keys are published."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens: Tokens | None = tokens
        self.asked = 0

    def __call__(self, _request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.tokens is None:
            return httpx.Response(502)
        return httpx.Response(200, json=KeySet([self.tokens.key]).as_dict(private=False))


def verifier_of(publisher: Publisher, seconds: Seconds) -> TokenVerifier:
    keys = JwksUrl("http://sessions.local/jwks.json", seconds, httpx.MockTransport(publisher))
    return TokenVerifier(keys, noon)


async def test_made_up_key_ids_do_not_make_us_fetch_again_and_again(tokens: Tokens) -> None:
    publisher, stranger = Publisher(tokens), Tokens(noon)
    verifier = verifier_of(publisher, Seconds())
    await verifier.verify(tokens.token(AGENT))
    for _ in range(20):
        with pytest.raises(Unauthenticated):
            await verifier.verify(stranger.token(AGENT))
    assert publisher.asked == 1


async def test_a_withdrawn_key_is_not_trusted_for_ever(tokens: Tokens) -> None:
    publisher, seconds = Publisher(tokens), Seconds()
    verifier = verifier_of(publisher, seconds)
    await verifier.verify(tokens.token(AGENT))
    publisher.tokens = Tokens(noon)
    seconds.now += MAX_AGE_SECONDS
    with pytest.raises(Unauthenticated):
        await verifier.verify(tokens.token(AGENT))


async def test_known_keys_outlive_an_outage_of_their_publisher(tokens: Tokens) -> None:
    publisher, seconds = Publisher(tokens), Seconds()
    verifier = verifier_of(publisher, seconds)
    await verifier.verify(tokens.token(AGENT))
    publisher.tokens = None
    seconds.now += MAX_AGE_SECONDS
    assert await verifier.verify(tokens.token(AGENT)) == AGENT
    assert publisher.asked == 2


async def test_a_token_that_was_checked_is_not_checked_again_until_it_expires(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Noon()
    tokens.clock = clock
    keys = KeySet([tokens.key])
    verifier, token = TokenVerifier(Fixed(keys), clock), tokens.token(AGENT)
    assert await verifier.verify(token) == AGENT
    monkeypatch.setattr(jwt, "decode", _never)
    assert await verifier.verify(token) == AGENT
    clock.now += timedelta(minutes=5)
    with pytest.raises(AssertionError, match="checked"):
        await verifier.verify(token)


async def test_other_keys_check_every_token_anew(tokens: Tokens) -> None:
    keys = Fixed(KeySet([tokens.key]))
    verifier, token = TokenVerifier(keys, tokens.clock), tokens.token(AGENT)
    assert await verifier.verify(token) == AGENT
    keys.keys = KeySet([new_signing_key()])
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_no_more_tokens_are_remembered_than_fit(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.auth.REMEMBERED_TOKENS", 3)
    verifier = TokenVerifier(Fixed(KeySet([tokens.key])), tokens.clock)
    known = [tokens.token(AGENT, jti=str(number)) for number in range(4)]
    for token in known:
        await verifier.verify(token)
    monkeypatch.setattr(jwt, "decode", _never)
    assert await verifier.verify(known[-1]) == AGENT
    with pytest.raises(AssertionError, match="checked"):
        await verifier.verify(known[0])


class Noon:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = noon()

    def __call__(self) -> datetime:
        return self.now


class Fixed:
    """Keys that are the same until they are replaced."""

    def __init__(self, keys: KeySet) -> None:
        self.keys = keys

    async def current(self, *, missed: bool = False) -> KeySet:
        return self.keys


def _never(*_: object, **__: object) -> None:
    raise AssertionError("checked")


async def test_without_any_keys_nobody_is_refused_but_told_to_come_back(tokens: Tokens) -> None:
    publisher = Publisher(tokens)
    publisher.tokens = None
    with pytest.raises(KeysUnavailable):
        await verifier_of(publisher, Seconds()).verify(tokens.token(AGENT))


async def test_a_created_key_signs_what_its_published_half_verifies(tmp_path: Path) -> None:
    private, public = tmp_path / "signing.jwk", tmp_path / "jwks.json"
    create_signing_key(private, public)
    tokens = Tokens(noon)
    tokens.key = load_signing_key(private)
    principal = Principal("u", "o", "agent", "s")
    assert await TokenVerifier(JwksFile(public), noon).verify(tokens.token(principal)) == principal
    assert private.stat().st_mode & 0o777 == 0o600
    assert '"d"' not in public.read_text()


@pytest.mark.parametrize("content", [None, "planted", "{}", '{"kty":"oct","k":"cGxhbnRlZA"}'])
def test_a_signing_key_that_cannot_be_used_is_named_without_its_content(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "signing.jwk"
    if content is not None:
        path.write_text(content)
    with pytest.raises(WrongKeyFile, match=r"signing\.jwk") as refused:
        load_signing_key(path)
    assert "planted" not in str(refused.value)


def test_a_public_key_does_not_sign(tmp_path: Path) -> None:
    path = tmp_path / "signing.jwk"
    path.write_text(json.dumps(new_signing_key().as_dict(private=False)))
    with pytest.raises(WrongKeyFile, match="private"):
        load_signing_key(path)
