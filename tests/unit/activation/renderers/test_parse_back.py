"""Whatever was entered, each document reads back as the same accounts: 10 000 random texts."""

import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import unquote

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, TypeAdapter

from schemas.provisioning import SipText
from services.activation.documents import Account
from services.activation.renderers import RENDERERS
from tests.unit.activation.renderers.softphones import (
    ACCOUNT,
    acrobits_account,
    baresip_accounts,
    configured,
    linphone_settings,
    pjsua_accounts,
    remarks,
    rendered,
)

EXAMPLES = 500
TEXTS_PER_EXAMPLE = 20
assert EXAMPLES * TEXTS_PER_EXAMPLE >= 10_000

# All that may be entered: no control characters, no line or paragraph separators, no surrogates.
TEXTS = st.text(
    st.one_of(
        st.sampled_from("\"'\\<>&;,=%#@?:/ -]!ä\ufffe\uffff\u00a0\u202e"),
        st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")),
    ),
    min_size=1,
    max_size=128,
)


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    return replace(
        ACCOUNT,
        friendly_name=draw(TEXTS),
        username=draw(TEXTS),
        authorization_username=draw(TEXTS),
        display_name=draw(TEXTS),
        password=SecretStr(draw(TEXTS)),
    )


FOUR = st.tuples(accounts(), accounts(), accounts(), accounts())


def secret(account: Account) -> str:
    assert account.password is not None
    return account.password.get_secret_value()


def unescaped(name: str) -> str:
    return name[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def same_or_said(found: str | None, entered: str | None, reason: str, said: list[str]) -> bool:
    """Whether it is what was entered; if not, that it is missing altogether and named."""
    if found == entered:
        return True
    return not found and any(one.startswith(f"slot {reason} left out") for one in said)


@settings(max_examples=EXAMPLES, deadline=None)
@given(FOUR)
def test_linphone_reads_back_what_was_entered(entered: tuple[Account, ...]) -> None:
    document = rendered("linphone", configured(*entered))
    found, said = linphone_settings(document), remarks(document)
    for slot, account in enumerate(entered, 1):
        auth_info, proxy = found[f"auth_info_{slot - 1}"], found[f"proxy_{slot - 1}"]
        assert same_or_said(auth_info["username"], account.username, f"{slot}: account", said)
        if auth_info["username"]:
            login = account.authorization_username
            assert same_or_said(auth_info["userid"], login, f"{slot}: authorization username", said)
            assert same_or_said(auth_info["passwd"], secret(account), f"{slot}: password", said)
            name, _, address = proxy["reg_identity"].rpartition(" ")
            user = address.removeprefix("<sip:").removesuffix("@sip.example.com>")
            assert unquote(user) == account.username
            shown = unescaped(name)
            assert same_or_said(shown, account.display_name, f"{slot}: display name", said)


@settings(max_examples=EXAMPLES, deadline=None)
@given(FOUR)
def test_baresip_reads_back_what_was_entered(entered: tuple[Account, ...]) -> None:
    document = rendered("baresip", configured(*entered))
    by_user = {unquote(found["user"]): found for found in baresip_accounts(document)}
    _read_back(
        entered,
        {user: (f.get("name"), f["auth_user"], f.get("auth_pass")) for user, f in by_user.items()},
        remarks(document),
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(FOUR)
def test_pjsua_reads_back_what_was_entered(entered: tuple[Account, ...]) -> None:
    document = rendered("pjsua", configured(*entered))
    by_user = {}
    for found in pjsua_accounts(document):
        name, _, address = found["--id"].rpartition(" ")
        user = unquote(address.strip("<>").removeprefix("sip:").removesuffix("@sip.example.com"))
        shown = unescaped(name) if name else None
        by_user[user] = (shown, found["--username"], found.get("--password"))
    _read_back(entered, by_user, remarks(document))


@settings(max_examples=EXAMPLES, deadline=None)
@given(FOUR)
def test_acrobits_reads_back_what_was_entered(entered: tuple[Account, ...]) -> None:
    document = rendered("acrobits", configured(*entered))
    found, said = acrobits_account(document), remarks(document)
    account = next((one for one in entered if one.username == found["username"]), None)
    if account is None:
        assert all(any(s.startswith(f"slot {n}: account") for s in said) for n in range(1, 5))
        return
    slot = entered.index(account) + 1
    login, title = account.authorization_username, found["title"].removeprefix("-")
    assert same_or_said(found["password"], secret(account), f"{slot}: password", said)
    assert same_or_said(found["authUsername"], login, f"{slot}: authorization username", said)
    shown = found["userDisplayName"]
    assert same_or_said(shown, account.display_name, f"{slot}: display name", said)
    assert found["title"] == account.friendly_name or same_or_said(
        title, account.friendly_name, f"{slot}: name", said
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(FOUR)
def test_json_carries_everything(entered: tuple[Account, ...]) -> None:
    slots = json.loads(RENDERERS["json"].render(configured(*entered), None).content)["accounts"]
    for slot, account in zip(slots, entered, strict=True):
        assert slot["username"] == account.username
        assert slot["display_name"] == account.display_name
        assert slot["password"] == secret(account)


def _read_back(
    entered: tuple[Account, ...],
    by_user: Mapping[str, tuple[str | None, str, str | None]],
    said: list[str],
) -> None:
    for slot, account in enumerate(entered, 1):
        if account.username not in by_user:
            assert any(one.startswith(f"slot {slot}: account left out") for one in said)
            continue
        if len({one.username for one in entered}) < len(entered):
            continue
        name, login, password = by_user[account.username]
        assert login == account.authorization_username
        assert same_or_said(name, account.display_name, f"{slot}: display name", said)
        assert same_or_said(password, secret(account), f"{slot}: password", said)


@settings(max_examples=EXAMPLES)
@given(TEXTS)
def test_these_texts_are_such_as_may_be_entered(text: str) -> None:
    assert TypeAdapter[str](SipText).validate_python(text) == text
