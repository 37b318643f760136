"""Imports: a CSV file is checked, worked through once per row, and can be undone."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from chassis.keyring import Keyring
from services.provisioning.importing import staging, working
from services.provisioning.importing.draft import Draft
from services.provisioning.importing.file import COLUMNS
from services.provisioning.importing.staging import RowsMissing, Staging
from tests.unit.provisioning.scene import Scene, scene

PASSWORD = "planted-password"
SMALL = 3


@pytest.fixture
async def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr(staging, "PART_ROWS", SMALL)
    monkeypatch.setattr(working, "PART_ROWS", SMALL)
    async with scene(tmp_path) as started:
        await started.provider(name="Telecom")
        yield started


def row(number: int, **cells: str) -> dict[str, str]:
    return {
        "first_name": f"First{number}",
        "last_name": f"Last{number}",
        "email_work": f"p{number}@example.com",
        "device_name": "Laptop",
        "provider": "telecom",
        "sip_friendly_name": f"Line {number}",
        "sip_username": str(1000 + number),
        "sip_password": PASSWORD,
        "protocol": "UDP",
    } | cells


def file(rows: list[dict[str, str]], delimiter: str = ",", bom: bool = False) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig" if bom else "utf-8")


async def post(here: Scene, content: bytes, query: str = "") -> Response:
    headers = here.fakes.tokens.headers(here.who) | {"Content-Type": "text/csv"}
    return await here.client.post(f"/api/v1/imports{query}", content=content, headers=headers)


async def imported(here: Scene, rows: list[dict[str, str]]) -> Any:
    started = await post(here, file(rows))
    assert started.status_code == 202, started.text
    await here.settle()
    return await here.get(f"/imports/{started.json()['id']}?limit=200")


async def test_a_dry_run_says_per_row_and_column_and_changes_nothing(here: Scene) -> None:
    before = here.events()
    rows = [
        row(1),
        row(2, first_name="", email_work="nonsense"),
        row(3, provider="Unknown"),
        row(4, protocol="tls"),
        row(5, sip_username="", sip_friendly_name="", sip_password="", protocol="", provider=""),
        row(6, language="xx"),
    ]
    answer = (await post(here, file(rows), "?dry_run=true")).json()
    assert (answer["rows"], answer["valid"], answer["refused"]) == (6, 1, 5)
    columns = {one["row"]: {p["column"] for p in one["problems"]} for one in answer["items"]}
    assert columns == {
        2: {"first_name", "email_work"},
        3: {"provider"},
        4: {"protocol"},
        5: {"sip_username"},
        6: {"language"},
    }
    assert here.events() == before


@pytest.mark.parametrize(("delimiter", "bom"), [(",", False), (";", True)])
async def test_rows_become_contacts_accounts_and_devices(
    here: Scene, delimiter: str, bom: bool
) -> None:
    started = await post(here, file([row(n) for n in range(1, 8)], delimiter, bom))
    await here.settle()
    shown = await here.get(f"/imports/{started.json()['id']}")
    assert (shown["state"], shown["rows"], shown["applied"]) == ("finished", 7, 7)
    assert [one["row"] for one in shown["items"]] == list(range(1, 8))
    counts = await here.get("/counts")
    assert counts == {"providers": 1, "sip_accounts": 7, "contacts": 7, "devices": 7}
    account = await here.get(f"/sip-accounts/{shown['items'][0]['sip_account_id']}")
    assert (account["username"], account["protocol"]) == ("1001", "udp")
    assert account["has_password"] is True


async def test_rows_with_the_same_name_and_address_extend_one_contact(here: Scene) -> None:
    known = await here.contact(
        "First1", "Last1", emails=[{"address": "p1@example.com", "label": "work"}]
    )
    again = row(2, device_name="Tablet", email_home="home2@example.com")
    shown = await imported(here, [row(1), row(2), again, row(3), row(2, device_name="Third")])
    contacts = [one["contact_id"] for one in shown["items"]]
    assert contacts[0] == known
    assert contacts[1] == contacts[2] == contacts[4]
    assert (await here.get("/counts"))["contacts"] == 3
    emails = (await here.get(f"/contacts/{contacts[1]}"))["emails"]
    assert [one["address"] for one in emails] == ["p2@example.com", "home2@example.com"]


async def test_no_password_and_no_cell_stands_in_log_or_bucket(here: Scene) -> None:
    started = await post(here, file([row(n) for n in range(1, 5)]))
    kept = b"".join(
        e.value or b"" for v in here.buckets.vaults.values() for e in v._entries.values()
    )
    assert kept
    await here.settle()
    told = "".join(one.envelope.model_dump_json() for one in here.log()).encode()
    assert started.status_code == 202
    for content in (told, kept):
        assert PASSWORD.encode() not in content
    assert b"Last1" not in kept


@pytest.mark.parametrize("crash_after", range(12))
async def test_killed_anywhere_every_row_is_applied_exactly_once(
    here: Scene, crash_after: int
) -> None:
    rows = [row(n) for n in range(1, 8)] + [row(8, provider="Unknown"), row(1, device_name="2nd")]
    started = await post(here, file(rows))
    append, appends = here.store.append, 0

    async def crashing(*args: Any, **more: Any) -> Any:
        nonlocal appends
        appends += 1
        done = await append(*args, **more)
        if appends == crash_after:
            raise ConnectionError("killed after the append, before anybody knew")
        return done

    here.store.append = crashing  # type: ignore[method-assign]  # a crash point of this test
    try:
        await here.settle()
    except ConnectionError:
        await here.settle()
    shown = await here.get(f"/imports/{started.json()['id']}")
    assert (shown["state"], shown["applied"], shown["refused"]) == ("finished", 8, 1)
    assert (await here.get("/counts"))["devices"] == 8
    assert (await here.get("/counts"))["contacts"] == 7
    assert here.events().count("ImportFinished") == 1


async def test_a_rule_that_says_no_meanwhile_refuses_only_its_rows(here: Scene) -> None:
    doomed = await here.provider(name="Doomed")
    rows = [row(1), row(2, provider="Doomed"), row(3)]
    started = await post(here, file(rows))
    removed = await here.send("DELETE", f"/providers/{doomed}")
    assert removed.status_code == 204
    await here.settle()
    shown = await here.get(f"/imports/{started.json()['id']}")
    assert [one["state"] for one in shown["items"]] == ["applied", "refused", "applied"]
    assert shown["items"][1]["problems"][0]["column"] == "provider"


async def test_refused_rows_are_downloaded_with_reasons_and_without_formulas(here: Scene) -> None:
    evil = row(2, provider="Unknown", display_name='=HYPERLINK("http://evil")')
    shown = await imported(here, [row(1), evil])
    assert [
        one["state"] for one in (await here.get(f"/imports/{shown['id']}?state=refused"))["items"]
    ] == ["refused"]
    text = (await here.send("GET", f"/imports/{shown['id']}/refused.csv")).text
    (refused,) = csv.DictReader(io.StringIO(text))
    assert refused["row"] == "2"
    assert "provider" in refused["reason"]
    assert refused["last_name"] == "Last2"
    assert refused["display_name"].startswith("'=")
    assert refused["sip_password"] == ""
    assert PASSWORD not in text


async def test_an_import_is_undone_but_for_what_is_used_elsewhere(here: Scene) -> None:
    shown = await imported(here, [row(n) for n in range(1, 6)])
    second = shown["items"][1]
    await here.device([second["sip_account_id"]], await here.contact())
    undoing = await here.send("POST", f"/imports/{shown['id']}/undo")
    assert undoing.status_code == 202
    await here.settle()
    undone = await here.get(f"/imports/{shown['id']}")
    assert (undone["state"], undone["undone"]) == ("undone", 5)
    assert [one["kept"] for one in undone["items"]] == [[], ["sip_account"], [], [], []]
    counts = await here.get("/counts")
    assert counts == {"providers": 1, "sip_accounts": 1, "contacts": 1, "devices": 1}
    await here.done("POST", f"/imports/{shown['id']}/undo")
    assert here.events().count("ImportUndoRequested") == 1


async def test_a_file_may_come_as_a_form(here: Scene) -> None:
    answer = await here.client.post(
        "/api/v1/imports",
        files={"file": ("people.csv", file([row(1)]), "text/csv")},
        headers=here.fakes.tokens.headers(here.who),
    )
    assert answer.status_code == 202, answer.text


async def test_a_line_break_inside_quotes_is_told_with_its_row_and_column(here: Scene) -> None:
    rows = [row(1), row(2, device_name="Lap\ntop"), row(3, last_name="Love\r\nlace")]
    answer = (await post(here, file(rows), "?dry_run=true")).json()
    told = [(one["row"], [p["column"] for p in one["problems"]]) for one in answer["items"]]
    assert told == [(2, ["device_name"]), (3, ["last_name"])]


async def test_a_file_that_is_none_is_refused_with_what_to_do(here: Scene) -> None:
    refused = await post(here, "first_name,last_name\nJörg,Müller\n".encode("latin-1"))
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {"field": "file", "message": "Save the file as UTF-8 and send it again."}
    ]


async def test_rows_with_more_text_than_the_broker_takes_at_once_are_named(
    here: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "MOST_BYTES", 5_000)
    before = here.events()
    long = dict.fromkeys(COLUMNS, "ж" * 290)
    refused = await post(here, file([row(1), row(2), row(3), row(4), {**row(5), **long}]))
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {"field": "file", "message": "Shorten rows 4 to 5: they hold too much text."}
    ]
    assert here.events() == before
    assert here.buckets.vaults["imports"].kept() == set()


async def test_a_repeated_import_brings_no_row_back_that_was_forgotten(here: Scene) -> None:
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "import-1"}
    headers |= here.fakes.tokens.headers(here.who)
    for _ in range(2):
        answer = await here.client.post(
            "/api/v1/imports", content=file([row(1), row(2)]), headers=headers
        )
        assert answer.status_code == 202, answer.text
        await here.settle()
    assert [draft.cells for draft in await drafts(here, answer.json()["id"])] == [{}, {}]


async def test_rows_whose_key_is_gone_are_said_to_be_missing(here: Scene) -> None:
    shown = await imported(here, [row(1, provider="Unknown")])
    rows = Staging(here.buckets("imports"), Keyring.fresh())
    with pytest.raises(RowsMissing, match="PROVISIONING_KEYRING"):
        await rows.part("acme", shown["id"], 0)


async def drafts(here: Scene, import_id: str) -> list[Draft]:
    rows = here.service.dependencies["staging"]
    assert isinstance(rows, Staging)
    return await rows.part("acme", import_id, 0)
