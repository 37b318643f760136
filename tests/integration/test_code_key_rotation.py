"""After a new key has become the current one, everything that an older one made goes on working."""

from pathlib import Path

from chassis.key_files import new_key_id, read_keys, write_keys
from tests.integration.activation_scene import ACTIVATION, CREATED, Installation

pytest_plugins = ["tests.integration.activation_fixtures"]


def rotate(keyring: Path) -> str:
    """A new key beside the old ones; new things are made with it."""
    _, keys = read_keys(keyring)
    keyring.unlink()
    fresh = new_key_id()
    write_keys(keyring, fresh, {**keys, fresh: b"n" * 32})
    return fresh


async def test_a49_codes_and_tokens_of_an_older_key_live_on_beside_those_of_the_new_one(
    here: Installation,
) -> None:
    await here.happens(CREATED.model_copy(update={"device_id": "d2"}))
    waiting, used = await here.code(), (await here.get("/api/v1/activations/d2")).json()["code"]
    token = (await here.activate(used, "phone of d2")).json()["device_token"]
    fresh = rotate(here.keyring)
    async with here.restarted() as later:
        assert await later.code() == waiting
        assert (await later.fetch(token)).status_code == 200
        assert (await later.activate(used, "phone of d2")).status_code == 200
        assert (await later.activate(used, "another phone")).status_code == 404
        assert (await later.activate(waiting)).status_code == 200
        reissued = (await later.post(f"{ACTIVATION}/reissue")).json()["code"]
        assert (await later.activate(reissued)).status_code == 200
    assert [one["key_id"] == fresh for one in later.events("ActivationCodeIssued")] == [
        False,
        False,
        True,
    ]


async def test_a_code_whose_key_is_gone_is_worth_nothing(here: Installation) -> None:
    code = await here.code()
    fresh = rotate(here.keyring)
    here.keyring.unlink()
    write_keys(here.keyring, fresh, {fresh: b"n" * 32})
    async with here.restarted() as later:
        assert (await later.activate(code)).status_code == 404
        shown = await later.get(ACTIVATION)
        assert (shown.status_code, "Issue a new code." in shown.text) == (409, True)
        assert await later.ask() == {"dead": "unknown"}
        reissued = (await later.post(f"{ACTIVATION}/reissue")).json()["code"]
        assert (await later.activate(reissued)).status_code == 200
