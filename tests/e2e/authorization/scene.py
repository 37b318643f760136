"""Two organizations with one of everything, and everybody who might call."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from chassis.auth import Principal
from chassis.cause import new_id
from chassis.signing_key import SigningKeys
from chassis.testing.eventually import eventually
from services.sessions.tokens import AccessTokens
from switchboard.demo.client import Client

PASSWORD = "quite a long pass phrase"
Ids = dict[str, str]
MISSING = "01900000-0000-7000-8000-000000000000"


@dataclass
class Organization:
    """What the routes are tried on, by the names of their parameters."""

    http: httpx.AsyncClient
    domain: str
    ids: Ids = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    client: Client = field(init=False)

    async def open(self) -> None:
        """Register it and everything in it."""
        first = {"user_id": "admin", "password": PASSWORD, "first_name": "A", "last_name": "B"}
        body = {"name": "Org", "domain": self.domain, "administrator": first}
        self.client = Client(self.http)
        await self.client.command("/api/v1/organizations", body)
        await self.client.sign_in(f"admin@{self.domain}", PASSWORD, f"setup of {self.domain}")
        await self._provisioning()
        await self._people()
        await self._softphones()
        await self.everybody_signs_in()

    async def everybody_signs_in(self) -> None:
        """Again, whoever has been signed out."""
        for role in ("administrator", "supervisor", "agent", "other"):
            signed_in = await self.sign_in("admin" if role == "administrator" else role)
            self.tokens[role] = signed_in["access_token"]
            self.ids["session_id"] = signed_in["session_id"]

    async def sign_in(self, user: str) -> Any:
        """The session of a user, who has a machine of their own."""
        client = Client(self.http)
        user_id = f"{user}@{self.domain}"
        return await client.sign_in(user_id, PASSWORD, f"machine of {user_id}")

    async def device(self, name: str) -> str:
        """Another device of the contact."""
        path = f"/api/v1/contacts/{self.ids['contact_id']}/devices"
        body = {"name": name, "sip_account_ids": [self.ids["sip_account_id"]]}
        return str((await self.client.command(path, body))["id"])

    async def _provisioning(self) -> None:
        make = self.client.command
        for name in ("provider_id", "spare_provider_id"):
            provider = {"name": name, "sip_server": "sip.example.com"}
            self.ids[name] = (await make("/api/v1/providers", provider))["id"]
        path = f"/api/v1/providers/{self.ids['provider_id']}/sip-accounts"
        for name in ("sip_account_id", "spare_sip_account_id"):
            self.ids[name] = (await make(path, account(name)))["id"]
        self.ids["contact_id"] = (await make("/api/v1/contacts", contact("ada")))["id"]
        self.ids["device_id"] = await self.device("phone")
        self.ids["spare_device_id"] = await self.device("for a desk")
        self.ids["import_id"] = (await self.client.upload("/api/v1/imports", CSV.encode()))["id"]

    async def _people(self) -> None:
        make = self.client.command
        roles = {"supervisor": "supervisor", "agent": "agent", "other": "agent", "leaver": "agent"}
        for user, role in roles.items():
            await make("/api/v1/users", person(user, role))
        self.ids["user_id"] = f"leaver@{self.domain}"
        self.ids["desk_device_id"] = await self.device("desk")
        desk = {"name": "12", "device_id": self.ids["desk_device_id"], "hot_desk": True}
        self.ids["desk_id"] = (await make("/api/v1/desks", desk))["id"]

    async def _softphones(self) -> None:
        waiting, used = self.ids["device_id"], await self.device("softphone")
        shown = await self.client.read(f"/api/v1/activations/{used}")
        self.ids["installed_code"] = shown["code"]
        activated = await self.client.command("/api/v1/activate", installation(shown["code"]))
        self.tokens["device"] = self.ids["device_token"] = activated["device_token"]
        shown = await self.client.read(f"/api/v1/activations/{self.ids['spare_device_id']}")
        self.ids["code"] = shown["code"]
        await self.client.command(f"/api/v1/activations/{waiting}/instructions", {})
        await eventually(self._has_been_mailed)

    async def _has_been_mailed(self) -> bool:
        found = (await self.client.read("/api/v1/notifications"))["items"]
        for one in found:
            self.ids["notification_id"] = one["id"]
        return bool(found) and found[0]["status"] == "sent"


CSV = (
    "first_name,last_name,email_work,email_home,language,device_name,provider,"
    "sip_friendly_name,sip_username,sip_password,protocol\n"
    "Grace,Hopper,grace@example.com,,,Laptop,provider_id,Grace,2001,secret,udp\n"
)


def account(name: str) -> dict[str, Any]:
    """A SIP account."""
    secret = {"password": "sip secret"}
    return {"friendly_name": name, "username": name, "protocol": "udp", **secret}


def contact(name: str) -> dict[str, Any]:
    """A contact with one address."""
    emails = [{"address": f"{name}@example.com", "label": "work"}]
    return {"first_name": name, "last_name": "Lovelace", "emails": emails}


def person(user: str, role: str) -> dict[str, str]:
    """A user of the organization's default domain."""
    names = {"first_name": "Some", "last_name": "Body"}
    return {"user_id": user, "password": PASSWORD, "role": role, **names}


def installation(code: str) -> dict[str, str]:
    """A softphone that exchanges a code, and may repeat that."""
    return {"code": code, "installation_id": "the same each time"}


def expired_token(data: Path, user: str) -> str:
    """One that the product itself signed, an hour ago."""
    tokens = AccessTokens(
        SigningKeys(data / "keys" / "signing.json").at, new_id, timedelta(minutes=5)
    )
    principal = Principal(user, "acme", "administrator", "session")
    return tokens.issue(principal, datetime.now(UTC) - timedelta(hours=1))
