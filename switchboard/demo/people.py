"""Provisions every row of a CSV of people: account, contact, device, and the mail with the code."""

import csv
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from switchboard.demo.client import Client, Json, Refusal

COLUMNS = (
    "first_name",
    "last_name",
    "email_work",
    "email_home",
    "language",
    "device_name",
    "provider",
    "sip_friendly_name",
    "sip_username",
    "sip_password",
    "protocol",
    "authorization_username",
    "display_name",
)
REQUIRED = ("first_name", "last_name", "device_name", "sip_friendly_name", "sip_username")


class UnusableFile(Exception):
    """The file cannot be read as a CSV of people."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: its number and its cells by column."""

    number: int
    cells: dict[str, str]

    def cell(self, column: str) -> str | None:
        """What stands in a column, None if nothing does."""
        return self.cells.get(column, "").strip() or None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a row: a code, or the reason why not."""

    row: Row
    code: str | None
    refusal: str | None


def rows(file: Path) -> list[Row]:
    """Read the file. Raises `UnusableFile`."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnusableFile(f"{file} cannot be opened: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UnusableFile(f"{file} is not UTF-8 text. Save it as CSV UTF-8.") from None
    first_line = text.partition("\n")[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    reader = csv.DictReader(text.splitlines(), delimiter=delimiter)
    missing = [column for column in REQUIRED if column not in (reader.fieldnames or ())]
    if missing:
        raise UnusableFile(
            f"{file} has no column {', '.join(missing)}. Its first line must name the columns: "
            f"{', '.join(COLUMNS)}."
        )
    return [Row(n, {k: v or "" for k, v in r.items() if k}) for n, r in enumerate(reader, start=2)]


@dataclass(frozen=True)
class Provisioning:
    """Works through rows. The same row again, within a day, does nothing more."""

    client: Client

    async def provision(self, row: Row) -> Done:
        """Set one person up and mail the instructions; a refusal is an outcome, not a stop."""
        try:
            return Done(row, await self._provision(row), None)
        except Refusal as refusal:
            return Done(row, None, str(refusal))

    async def _provision(self, row: Row) -> str:
        account = await self.client.command(
            f"/api/v1/providers/{await self._provider(row.cell('provider'))}/sip-accounts",
            _account(row),
            once=f"account {row.cells}",
        )
        contact = await self.client.command("/api/v1/contacts", _contact(row), once=_person(row))
        device = await self.client.command(
            f"/api/v1/contacts/{contact['id']}/devices",
            {"name": row.cell("device_name"), "sip_account_ids": [account["id"]]},
            once=f"device {row.cells}",
        )
        path = f"/api/v1/activations/{device['id']}"
        code = (await self.client.read(path))["code"]
        await self.client.command(f"{path}/instructions", {}, once=f"instructions {row.cells}")
        return str(code)

    async def _provider(self, name: str | None) -> str:
        async for provider in self._providers():
            if provider["name"] == name or (name is None and provider["is_default"]):
                return str(provider["id"])
        raise Refusal(404, {"detail": f"There is no service provider {name}. Add it first."})

    async def _providers(self) -> AsyncIterator[Json]:
        cursor = ""
        while True:
            page = await self.client.read(f"/api/v1/providers?limit=200{cursor}")
            for provider in page["items"]:
                yield provider
            if not page["next"]:
                return
            cursor = f"&cursor={page['next']}"


def _account(row: Row) -> Json:
    optional = {
        "password": row.cell("sip_password"),
        "authorization_username": row.cell("authorization_username"),
        "display_name": row.cell("display_name"),
    }
    return {
        "friendly_name": row.cell("sip_friendly_name"),
        "username": row.cell("sip_username"),
        "protocol": row.cell("protocol") or "udp",
        "password_entered_on_device": row.cell("sip_password") is None,
        **{name: value for name, value in optional.items() if value},
    }


def _contact(row: Row) -> Json:
    return {
        "first_name": row.cell("first_name"),
        "last_name": row.cell("last_name"),
        "emails": [
            {"address": address, "label": label}
            for label in ("work", "home")
            if (address := row.cell(f"email_{label}"))
        ],
        "language": row.cell("language"),
    }


def _person(row: Row) -> str:
    return f"contact {_contact(row)}"
