"""The organization a fresh installation starts with, and how its administrator signs in."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from switchboard.demo.client import Client, Refusal

FILE_NAME = "demo.json"


@dataclass(frozen=True, slots=True)
class DemoOrganization:
    """An organization, its domain, and the credentials of its administrator."""

    name: str
    domain: str
    user_id: str
    password: str

    @staticmethod
    def kept(data: Path) -> "DemoOrganization | None":
        """What an earlier start has chosen."""
        try:
            return DemoOrganization(**json.loads((data / FILE_NAME).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    @staticmethod
    def chosen(data: Path, name: str, domain: str) -> "DemoOrganization":
        """What an earlier start has chosen, else a new one, kept before it is registered."""
        kept = DemoOrganization.kept(data)
        if kept and kept.domain == domain:
            return kept
        fresh = DemoOrganization(name, domain, f"admin@{domain}", secrets.token_hex(8))
        _keep(data / FILE_NAME, json.dumps(asdict(fresh), indent=2))
        return fresh

    async def register(self, client: Client) -> None:
        """Open the organization unless it is there. Raises `Refusal`."""
        administrator = {
            "user_id": self.user_id,
            "password": self.password,
            "first_name": "Demo",
            "last_name": "Administrator",
        }
        body = {"name": self.name, "domain": self.domain, "administrator": administrator}
        try:
            await client.command("/api/v1/organizations", body)
        except Refusal as refusal:
            if refusal.status != 409:
                raise


def _keep(path: Path, content: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
