"""What requests hold, and what imported rows are held against."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, EmailStr, Field, SecretStr

from chassis.answers import RequestBody
from schemas.fields import Id, Language, Name, PersonName, Visible
from schemas.provisioning import DialingRule, SipText, Transport
from services.provisioning.safe import sendable

ABSENT: Any = None
"""Default of a required attribute in a change: it may be left out, but null is refused."""

AnyCase = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)
"""Before a choice: written in any case, kept in lower case."""

VisibleName = Annotated[Name, Visible]
VisiblePersonName = Annotated[PersonName, Visible]
VisibleSipText = Annotated[SipText, Visible]
Password = Annotated[SecretStr, Field(min_length=1, max_length=128), AfterValidator(sendable)]


DialingRules = Annotated[tuple[DialingRule, ...], Field(max_length=50)]


class EmailBody(RequestBody):
    """An address and what it is."""

    address: EmailStr
    label: Annotated[Literal["work", "home"], AnyCase]


# Rules hold the closer limits, with messages of their own; the API description names them too.
Emails = Annotated[tuple[EmailBody, ...], Field(max_length=20, json_schema_extra={"minItems": 1})]
AccountIds = Annotated[
    tuple[Id, ...], Field(max_length=16, json_schema_extra={"minItems": 1, "maxItems": 4})
]


class ContactBody(RequestBody):
    """A contact as an administrator enters it."""

    first_name: VisiblePersonName
    last_name: VisiblePersonName
    emails: Emails
    language: Language | None = None


class ContactChange(RequestBody):
    """What is to be different about a contact. `emails` are all addresses there are to be."""

    first_name: VisiblePersonName = ABSENT
    last_name: VisiblePersonName = ABSENT
    emails: Emails = ABSENT
    language: Language | None = None


class SipAccountBody(RequestBody):
    """A SIP account as an administrator enters it."""

    friendly_name: VisibleName
    username: VisibleSipText
    protocol: Annotated[Transport, AnyCase]
    password: Password | None = None
    password_entered_on_device: bool = False
    use_push_proxy: bool = False
    authorization_username: VisibleSipText | None = None
    display_name: VisibleSipText | None = None
    dialing_rules: DialingRules = ()
    enabled: bool = True


class SipAccountChange(RequestBody):
    """What is to be different about an account. A password replaces the one there was."""

    friendly_name: VisibleName = ABSENT
    username: VisibleSipText = ABSENT
    protocol: Annotated[Transport, AnyCase] = ABSENT
    password: Password = ABSENT
    password_entered_on_device: bool = ABSENT
    use_push_proxy: bool = ABSENT
    authorization_username: VisibleSipText | None = None
    display_name: VisibleSipText | None = None
    dialing_rules: DialingRules = ABSENT
    enabled: bool = ABSENT


class DialBody(RequestBody):
    """A number as somebody would dial it."""

    number: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[0-9*#+]+$")]
    dialing_rules: DialingRules | None = None


class DeviceBody(RequestBody):
    """A device as an administrator enters it: a name and one to four SIP accounts in order."""

    name: VisibleName
    sip_account_ids: AccountIds


class DeviceChange(RequestBody):
    """What is to be different about a device. `sip_account_ids` are all it is to have."""

    name: VisibleName = ABSENT
    sip_account_ids: AccountIds = ABSENT


class DeactivationBody(RequestBody):
    """Why a device must stop."""

    reason: Literal["admin", "lost"] = "admin"


def given(body: BaseModel, *but: str) -> dict[str, Any]:
    """The attributes that a request names, as they are to be."""
    return {name: getattr(body, name) for name in body.model_fields_set if name not in but}
