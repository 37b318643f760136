"""What a command gets from the edge: ids, time, actor, and what the headers ask for."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from chassis.edge import MalformedHeader, version_of
from chassis.testing.http import HttpFakes
from chassis.testing.tokens import ADMINISTRATOR
from tests.unit.chassis.demo import demo

Client = AsyncTestClient[Litestar]
DESKS = "/api/v1/desks"
REGISTER = "/api/v1/public/register"
NINE = datetime(2026, 5, 3, 9, 0, tzinfo=UTC)
DESK = {"name": "desk"}


class Ticking:
    """A clock that goes on by a second whenever it is looked at."""

    def __init__(self) -> None:
        self.now = NINE

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def fakes() -> HttpFakes:
    return HttpFakes(clock=Ticking())


@pytest.fixture
async def client(fakes: HttpFakes) -> AsyncIterator[Client]:
    async with fakes.client(demo) as client:
        client.headers.update(fakes.tokens.headers(ADMINISTRATOR))
        yield client


async def test_a_command_knows_who_asks_and_for_which_organization(client: Client) -> None:
    shown = (await client.post(DESKS, json=DESK)).json()
    assert (shown["organization"], shown["actor"]) == ("acme", "ada")


async def test_two_requests_without_a_key_are_two_commands(client: Client) -> None:
    first, second = [(await client.post(DESKS, json=DESK)).json() for _ in range(2)]
    for member in ("command_id", "id", "second_id", "at"):
        assert first[member] != second[member]


async def test_a_repeat_with_the_same_key_is_the_same_command(client: Client) -> None:
    key = {"Idempotency-Key": "order-1"}
    first, second = [(await client.post(DESKS, json=DESK, headers=key)).json() for _ in range(2)]
    assert first == second


Request = tuple[str, str, dict[str, str] | None]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("POST", DESKS, DESK), ("POST", DESKS, {"name": "other"})),
        (("POST", DESKS, DESK), ("POST", f"{DESKS}?x=1", DESK)),
        (("DELETE", f"{DESKS}/a", None), ("DELETE", f"{DESKS}/b", None)),
        (("DELETE", f"{DESKS}/a", None), ("POST", f"{DESKS}/a", None)),
    ],
    ids=["another body", "another query", "another path", "another method"],
)
async def test_the_same_key_for_another_request_is_refused(
    client: Client, first: Request, second: Request
) -> None:
    key = {"Idempotency-Key": "order-1"}
    answers = [
        await client.request(method, path, json=body, headers=key)
        for method, path, body in (first, second, first)
    ]
    assert [answer.is_success for answer in answers] == [True, False, True]
    assert answers[1].status_code == 422
    assert answers[1].json()["type"] == "/problems/key-reused"


async def test_two_users_may_use_the_same_key(fakes: HttpFakes, client: Client) -> None:
    key = {"Idempotency-Key": "1"}
    bob = fakes.tokens.headers(replace(ADMINISTRATOR, user_id="bob"))
    own = (await client.post(DESKS, json=DESK, headers=key)).json()
    bobs = (await client.post(DESKS, json=DESK, headers={**key, **bob})).json()
    assert own["command_id"] != bobs["command_id"]


async def test_a_public_command_is_anonymous_and_learns_its_organization_from_the_handler(
    client: Client,
) -> None:
    shown = (await client.post(REGISTER, json=DESK)).json()
    assert (shown["organization"], shown["actor"]) == ("new-one", "anonymous")


async def test_a_route_may_ignore_the_key(client: Client) -> None:
    key = {"Idempotency-Key": "1"}
    path = "/api/v1/public/sign-in"
    first, second = [(await client.post(path, headers=key)).json() for _ in range(2)]
    assert first["command_id"] != second["command_id"]


@pytest.mark.parametrize("key", [b"", b"x" * 129, b"tab\there", "ü".encode()])
async def test_a_malformed_key_is_a_400(client: Client, key: bytes) -> None:
    answer = await client.post(DESKS, json=DESK, headers=[(b"Idempotency-Key", key)])
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/malformed-header"


async def test_a_trace_goes_on_into_the_cause(client: Client) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    shown = (await client.post(DESKS, json=DESK, headers=headers)).json()
    assert trace in shown["traceparent"]


async def test_if_match_reaches_the_command(client: Client) -> None:
    shown = (await client.post(DESKS, json=DESK, headers={"If-Match": '"3"'})).json()
    assert shown["if_version"] == 3


@pytest.mark.parametrize(
    ("header", "version"), [(None, None), ("*", None), ('"3"', 3), (' "12" ', 12), ('"0"', 0)]
)
def test_if_match_names_a_version_or_any(header: str | None, version: int | None) -> None:
    assert version_of(header) == version


@pytest.mark.parametrize("header", ["3", '"x"', 'W/"3"', '"1", "2"', "", '""', '"-1"', '"²"', '"'])
def test_a_malformed_if_match_is_refused(header: str) -> None:
    with pytest.raises(MalformedHeader, match="ETag"):
        version_of(header)
