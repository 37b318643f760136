"""The generic JSON configuration: always four slots, and members without a value left out."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.provisioning import DialingRule, Transport
from services.activation.documents import Account, Configuration
from services.activation.renderers.renderer import Document, Renderer
from services.activation.renderers.sip_address import proxy_text

Slot = Annotated[int, Field(ge=1, le=4)]


def _absent(value: object) -> bool:
    return value is None


Optional = Annotated[str | None, Field(exclude_if=_absent)]


class BlankSlot(BaseModel):
    """Whatever the softphone had in this slot is to go."""

    slot: Slot
    enabled: Literal[False] = False


class AccountSlot(BaseModel):
    """An account to register. With `password_required` the user types the password.

    Where the realm is known there is `ha1`, the hash of RFC 2617, instead of the password.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    slot: Slot
    enabled: Literal[True] = True
    friendly_name: str
    provider: str
    server: str
    port: int
    proxy: Optional = None
    transport: Transport
    username: str
    authorization_username: Optional = None
    display_name: Optional = None
    password: Annotated[Optional, Field(repr=False)] = None
    ha1: Annotated[Optional, Field(repr=False)] = None
    realm: Optional = None
    password_required: bool
    push_proxy: bool
    dialing_rules: tuple[DialingRule, ...]


class ConfigurationResource(BaseModel):
    """The configuration of a device. `revision` counts from 1, plus one per change."""

    device_id: str
    name: str
    revision: int
    accounts: tuple[AccountSlot | BlankSlot, ...]


def resource(configuration: Configuration) -> ConfigurationResource:
    """The configuration as it goes into JSON."""
    return ConfigurationResource(
        device_id=configuration.device_id,
        name=configuration.name,
        revision=configuration.revision,
        accounts=tuple(
            _account(number, account) if account else BlankSlot(slot=number)
            for number, account in enumerate(configuration.slots, 1)
        ),
    )


def _account(number: int, account: Account) -> AccountSlot:
    ha1 = account.ha1
    password = None if ha1 else account.password
    return AccountSlot(
        slot=number,
        friendly_name=account.friendly_name,
        provider=account.provider,
        server=account.server,
        port=account.port,
        proxy=proxy_text(account.proxy),
        transport=account.transport,
        username=account.username,
        authorization_username=account.authorization_username,
        display_name=account.display_name,
        password=password.get_secret_value() if password else None,
        ha1=ha1.get_secret_value() if ha1 else None,
        realm=account.realm if ha1 else None,
        password_required=account.password_required,
        push_proxy=account.push_proxy,
        dialing_rules=account.dialing_rules,
    )


def _render(configuration: Configuration, _configuration_url: str | None) -> Document:
    return Document(resource(configuration).model_dump_json().encode())


renderer = Renderer("json", "application/json", _render)
