"""Sealed secrets open for their key and their place, and for nothing else."""

import json
from pathlib import Path

import pytest

from chassis.key_files import WrongKeyFile
from chassis.sealing import (
    CannotOpen,
    Opener,
    Sealer,
    create_sealing_keys,
    secret_context,
    secret_key,
)

HERE = secret_context("acme", "account-1", 1)


def pair(folder: Path, name: str = "a") -> tuple[Path, Path]:
    private, public = folder / f"{name}.private.json", folder / f"{name}.public.json"
    create_sealing_keys(private, public)
    return private, public


def test_what_was_sealed_opens_again(tmp_path: Path) -> None:
    private, public = pair(tmp_path)
    sealed = Sealer.load(public).seal("pässwörd", HERE)
    assert Opener.load(private).open(sealed, HERE) == "pässwörd"
    assert b"ssw" not in sealed


def test_sealing_twice_shows_no_likeness(tmp_path: Path) -> None:
    _, public = pair(tmp_path)
    sealer = Sealer.load(public)
    assert sealer.seal("password", HERE) != sealer.seal("password", HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        secret_context("other", "account-1", 1),
        secret_context("acme", "account-2", 1),
        secret_context("acme", "account-1", 2),
        secret_context("acme.account-1", "", 1),
        b"",
    ],
)
def test_a_secret_opens_in_no_other_place(tmp_path: Path, elsewhere: bytes) -> None:
    private, public = pair(tmp_path)
    sealed = Sealer.load(public).seal("password", HERE)
    with pytest.raises(CannotOpen):
        Opener.load(private).open(sealed, elsewhere)


def test_a_secret_opens_with_no_other_key(tmp_path: Path) -> None:
    _, public = pair(tmp_path)
    stranger, _ = pair(tmp_path, "b")
    sealed = Sealer.load(public).seal("password", HERE)
    with pytest.raises(CannotOpen, match="private keys"):
        Opener.load(stranger).open(sealed, HERE)


@pytest.mark.parametrize("damage", [lambda s: s[:-9], lambda s: b"", lambda s: b"{}", bytes.lower])
def test_a_damaged_secret_is_refused(tmp_path: Path, damage: object) -> None:
    private, public = pair(tmp_path)
    sealed = Sealer.load(public).seal("password", HERE)
    assert callable(damage)
    with pytest.raises(CannotOpen):
        Opener.load(private).open(damage(sealed), HERE)


def test_after_a_rotation_old_secrets_open_and_new_ones_use_the_new_key(tmp_path: Path) -> None:
    old_private, old_public = pair(tmp_path, "old")
    new_private, new_public = pair(tmp_path, "new")
    before = Sealer.load(old_public)
    sealed = before.seal("password", HERE)
    old, new = json.loads(old_private.read_text()), json.loads(new_private.read_text())
    both = tmp_path / "both.json"
    both.write_text(json.dumps({**new, "keys": {**old["keys"], **new["keys"]}}))
    after = Sealer.load(new_public)
    assert after.key_id != before.key_id
    assert Opener.load(both).open(sealed, HERE) == "password"
    assert Opener.load(both).open(after.seal("newer", HERE), HERE) == "newer"


def test_the_sealers_file_cannot_open(tmp_path: Path) -> None:
    private, public = pair(tmp_path)
    sealed = Sealer.load(public).seal("password", HERE)
    with pytest.raises(CannotOpen):
        Opener.load(public).open(sealed, HERE)
    assert private.stat().st_mode & 0o777 == 0o600


def test_nobody_shows_keys(tmp_path: Path) -> None:
    private, public = pair(tmp_path)
    key = json.loads(private.read_text())["keys"].popitem()[1]
    assert key not in repr(Opener.load(private))
    assert "X25519" not in repr(Sealer.load(public))


def test_a_missing_key_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WrongKeyFile, match="Create it or mount it"):
        Sealer.load(tmp_path / "none.json")


def test_a_secret_stands_under_a_key_of_its_own_per_version() -> None:
    assert secret_key("acme", "account-1", 2) == "acme.account-1.2"
