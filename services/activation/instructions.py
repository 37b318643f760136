"""What the page with a device's activation instructions shows, but for the code itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chassis.decider import Unknown
from chassis.read_models import ReadModelStore
from schemas.provisioning import Email
from services.activation.organizations import ORGANIZATIONS
from services.activation.projections import CONTACTS, DEVICES, SIP_ACCOUNTS, DeviceView

DEFAULT_LANGUAGE = "en"
PLATFORMS = ("android", "iphone", "computer", "other")
_TEXTS = Path(__file__).parent / "steps"


@dataclass(frozen=True, slots=True)
class Instructions:
    """How to use a code. `typed_passwords` names the accounts whose password the user types."""

    device_name: str
    language: str
    emails: tuple[Email, ...]
    steps: Mapping[str, tuple[str, ...]]
    download_links: Mapping[str, str]
    typed_passwords: tuple[str, ...]


@dataclass(frozen=True)
class InstructionPages:
    """Puts the pages together. `download_links` are for organizations without any."""

    read_models: ReadModelStore
    download_links: Mapping[str, str]

    async def of(
        self, organization: str, device_id: str, language: str | None = None
    ) -> Instructions:
        """The page in a language, of the contact if none is named. Raises `Unknown`."""
        device = await self.read_models.get(DEVICES, organization, device_id)
        if device is None or device.removed:
            raise Unknown("There is no such device. Choose one of the list.")
        contact = await self.read_models.get(CONTACTS, organization, device.contact_id)
        chosen = language or (contact and contact.language) or DEFAULT_LANGUAGE
        typed = await self._typed_passwords(organization, device)
        return Instructions(
            device_name=device.name,
            language=chosen,
            emails=contact.emails if contact else (),
            steps=steps(chosen, typed=bool(typed)),
            download_links=await self._links(organization),
            typed_passwords=typed,
        )

    async def _typed_passwords(self, organization: str, device: DeviceView) -> tuple[str, ...]:
        names = []
        for one in device.sip_account_ids:
            account = await self.read_models.get(SIP_ACCOUNTS, organization, one)
            if account and account.enabled and account.password_entered_on_device:
                names.append(account.friendly_name)
        return tuple(names)

    async def _links(self, organization: str) -> Mapping[str, str]:
        view = await self.read_models.get(ORGANIZATIONS, organization, organization)
        return (view and view.download_links) or self.download_links


def steps(language: str, *, typed: bool) -> Mapping[str, tuple[str, ...]]:
    """What to do, by platform. `typed`: the user will be asked for a password."""
    texts = _texts(language)
    last = (texts["typed_password"],) if typed else ()
    return {platform: (*texts[platform], *last) for platform in PLATFORMS}


@cache
def _texts(language: str) -> dict[str, Any]:
    texts: dict[str, Any] = json.loads((_TEXTS / f"{language}.json").read_text(encoding="utf-8"))
    return texts
