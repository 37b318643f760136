"""Keyed hashes and the files their keys come from."""

import hmac
import json
import traceback
from pathlib import Path

import pytest

from chassis.key_files import WrongKeyFile, add_key
from chassis.keyring import Keyring

A, B = b"a" * 32, b"b" * 32
RING = Keyring("new", {"old": A, "new": B})


def test_the_same_parts_give_the_same_hash_and_other_parts_another() -> None:
    assert RING.mac("desk", "a", "b") == RING.mac("desk", "a", "b")
    others = [
        RING.mac("desk", "ab", ""),
        RING.mac("desk", "a", "b", ""),
        RING.mac("desk", "b", "a"),
        RING.mac("code", "a", "b"),
        RING.mac("deska", "b"),
    ]
    assert len({RING.mac("desk", "a", "b"), *others}) == 6


def test_the_hash_is_hmac_sha256_so_that_it_can_be_checked_elsewhere() -> None:
    framed = b"\0\0\0\0\0\0\0\4desk\0\0\0\0\0\0\0\1a"
    assert RING.fingerprint("desk", "a") == hmac.digest(B, framed, "sha256").hex()


def test_each_key_gives_its_own_hash_and_the_current_one_is_the_default() -> None:
    assert RING.mac("desk", "a") == RING.mac("desk", "a", key_id="new")
    assert RING.mac("desk", "a") != RING.mac("desk", "a", key_id="old")
    assert RING.key_ids == ("new", "old")


def test_what_an_old_key_made_is_recognised_after_a_rotation() -> None:
    before = Keyring("old", {"old": A})
    assert before.mac("desk", "a") == RING.mac("desk", "a", key_id="old")


def test_an_unknown_key_id_is_an_error() -> None:
    with pytest.raises(KeyError):
        RING.mac("desk", "a", key_id="lost")


def test_a_keyring_never_shows_its_keys() -> None:
    assert "aaaa" not in repr(RING)
    assert "bbbb" not in repr(RING)


def test_a_created_file_loads_as_the_same_ring_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "keyring.json"
    created = Keyring.create(path)
    assert Keyring.load(path).mac("desk", "a") == created.mac("desk", "a")
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    created = Keyring.create(path)
    with pytest.raises(FileExistsError):
        Keyring.create(path)
    assert Keyring.load(path).mac("desk", "a") == created.mac("desk", "a")
    assert list(tmp_path.iterdir()) == [path]


def test_what_lasts_is_the_same_after_a_further_key_is_current(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    before = Keyring.create(path)
    add_key(path, b"n" * 32, "fresh")
    after = Keyring.load(path)
    assert after.current == "fresh"
    assert after.lasting("desk", "a") == before.lasting("desk", "a")
    assert after.fingerprint("desk", "a") != before.fingerprint("desk", "a")


PLANTED = "cGxhbnRlZC1wbGFudGVkLXBsYW50ZWQtcGxhbnRlZCE="


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "[]",
        json.dumps({"current": "a", "keys": {}}),
        json.dumps({"current": "b", "keys": {"a": PLANTED}}),
        json.dumps({"current": "a", "keys": {"a": PLANTED[:-4]}}),
        json.dumps({"current": "a", "keys": {"a": PLANTED + "!"}}),
        json.dumps({"current": "a", "keys": {"a": PLANTED}, "more": 1}),
    ],
)
def test_a_file_that_cannot_be_used_is_named_without_its_content(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "keyring.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(WrongKeyFile, match=r"keyring\.json") as refused:
        Keyring.load(path)
    assert PLANTED[:8] not in "".join(traceback.format_exception(refused.value))
