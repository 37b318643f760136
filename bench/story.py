"""One life as facts: a person, a softphone, its mails and changes, and days at a desk."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from chassis.cause import new_id
from schemas import activation as a
from schemas import notifier as n
from schemas import provisioning as p
from schemas import sessions as s
from schemas.event import Event

LATER = datetime(2030, 1, 1, tzinfo=UTC)

DAYS = 2
"""Working days of each person: signed in, at a desk, available or not, signed out."""

_NAMES = ("organization", "provider", "account", "secret", "contact", "email", "device")
_MORE = ("activation", "request", "notification", "user", "desk")
_DAILY = tuple(f"{name}{day}" for day in range(DAYS) for name in ("session", "seat"))
ROLES = (*_NAMES, *_MORE, *_DAILY)
PLACE = {role: new_id() for role in ROLES}
NUMBER = "4711471147"
HASH = "0123456789abcdef" * 4
"""`PLACE` and `NUMBER` stand for what is another one in each life."""


def founding() -> Sequence[Event]:
    """An organization and its provider."""
    own = PLACE["organization"]
    return (
        s.OrganizationRegistered(
            organization_id=own, name="Acme", domains=(f"{own}.example",), sign_in_name=own
        ),
        p.ServiceProviderAdded(
            provider_id=PLACE["provider"],
            name="Telecom",
            sip_server="sip.telecom.example",
            sip_port=5060,
            is_default=True,
        ),
    )


def softphone() -> Sequence[Event]:
    """A person gets a softphone and a code for it."""
    at = PLACE
    email = p.Email(email_id=at["email"], address=f"ada{NUMBER}@acme.example", label="work")
    return (
        p.SipAccountAdded(
            sip_account_id=at["account"],
            provider_id=at["provider"],
            friendly_name=f"Desk {NUMBER}",
            username=NUMBER,
            protocol="udp",
        ),
        p.SipAccountSecretSet(
            sip_account_id=at["account"], secret_id=at["secret"], secret_version=1, key_id="k1"
        ),
        p.ContactAdded(
            contact_id=at["contact"], first_name="Ada", last_name=NUMBER, emails=(email,)
        ),
        p.DeviceCreated(
            device_id=at["device"],
            contact_id=at["contact"],
            name=f"Laptop {NUMBER}",
            sip_account_ids=(at["account"],),
        ),
        a.ActivationCodeIssued(
            activation_id=at["activation"],
            device_id=at["device"],
            generation=1,
            key_id="k1",
            fingerprint=HASH,
            expires_at=LATER,
            device_version=1,
        ),
        a.ActivationCodeViewed(activation_id=at["activation"], generation=1, by=at["user"]),
    )


def mailed() -> Sequence[Event]:
    """The code is mailed and used."""
    at, message = PLACE, f"<{PLACE['notification']}@acme.example>"
    return (
        a.ActivationRequested(
            activation_id=at["activation"],
            request_id=at["request"],
            device_id=at["device"],
            contact_id=at["contact"],
            generation=1,
            address_ids=(at["email"],),
            expires_at=LATER,
        ),
        n.NotificationPlanned(
            notification_id=at["notification"],
            request_id=at["request"],
            activation_id=at["activation"],
            device_id=at["device"],
            contact_id=at["contact"],
            address_id=at["email"],
            generation=1,
            language="en",
            expires_at=LATER,
        ),
        n.NotificationAttempted(notification_id=at["notification"], attempt=1, message_id=message),
        n.NotificationSent(notification_id=at["notification"], attempt=1, message_id=message),
        a.DeviceActivated(
            activation_id=at["activation"],
            device_id=at["device"],
            generation=1,
            token_fingerprint=HASH,
            installation_fingerprint=HASH,
            client=a.Client(name="Linphone", version="5", platform="Linux"),
            format="linphone",
            revision=1,
        ),
    )


def changes() -> Iterator[Event]:
    """The person, the account and the softphone change, which fetches each revision."""
    at = PLACE
    email = p.Email(email_id=at["email"], address=f"ada{NUMBER}@acme.example", label="work")
    yield p.ContactChanged(
        contact_id=at["contact"], first_name="Ada", last_name=f"{NUMBER} L", emails=(email,)
    )
    for revision in (2, 3, 4):
        yield p.SipAccountChanged(
            sip_account_id=at["account"],
            provider_id=at["provider"],
            friendly_name=f"Desk {NUMBER} {revision}",
            username=NUMBER,
            protocol="tcp",
        )
        yield p.DeviceConfigurationChanged(
            device_id=at["device"], revision=revision, cause=at["account"]
        )
        yield a.DeviceConfigurationFetched(
            activation_id=at["activation"],
            device_id=at["device"],
            revision=revision,
            format="linphone",
        )


def days() -> Iterator[Event]:
    """The person becomes a user and works at a desk."""
    at = PLACE
    yield s.UserRegistered(
        user_id=at["user"],
        login_id=f"ada{NUMBER}@acme.example",
        role="agent",
        first_name="Ada",
        last_name=NUMBER,
        credential_version=1,
    )
    yield s.DeskConfigured(
        desk_id=at["desk"], name=f"Desk {NUMBER}", device_id=at["device"], hot_desk=True
    )
    for day in range(DAYS):
        yield from _day(at[f"session{day}"], at[f"seat{day}"])


def _day(session: str, seat: str) -> Iterator[Event]:
    at, whose = PLACE, {"session_id": session, "user_id": PLACE["user"]}
    where = {"association_id": seat, "desk_id": at["desk"], "device_id": at["device"]}
    yield s.AgentSignedIn.model_validate(
        whose
        | {"role": "agent", "machine_id": HASH, "domain_source": "typed"}
        | {"stay_signed_in": False, "language": "en", "desk_id": at["desk"]}
    )
    yield s.DeskAssociated.model_validate(whose | where | {"sip_account_ids": (at["account"],)})
    for state in ("available", "wrap_up", "available", "unavailable"):
        yield s.AcdStateChanged.model_validate(whose | {"state": state})
    yield s.DeskReleased.model_validate(whose | where | {"reason": "user"})
    yield s.AgentSignedOut.model_validate(whose | {"machine_id": HASH, "reason": "user"})
