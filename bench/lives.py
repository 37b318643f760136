"""A log as years of use leave it: people, their softphones, mails and working days, by the million.

Every event is one of ours in our envelope, at its own moment. An organization has hundreds of
people; what happens to each is spread over the log, as in life.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from bench.events import envelope
from chassis.cause import derived_id7, new_id
from chassis.event_store import Aggregate
from schemas import activation as a
from schemas import notifier as n
from schemas import provisioning as p
from schemas import sessions as s
from schemas.event import Event

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
APART = timedelta(seconds=7)
LATER = datetime(2030, 1, 1, tzinfo=UTC)
PEOPLE_EACH, TOGETHER = 1000, 500
"""People per organization; lives that are lived side by side."""

DAYS = 2
"""Working days of each person: signed in, at a desk, available or not, signed out."""

_NAMES = ("organization", "provider", "account", "secret", "contact", "email", "device")
_MORE = ("activation", "request", "notification", "user", "desk")
_DAILY = tuple(f"{name}{day}" for day in range(DAYS) for name in ("session", "seat"))
ROLES = (*_NAMES, *_MORE, *_DAILY)
_PLACE = {role: new_id() for role in ROLES}
_ID, _TIME, _NUMBER = new_id(), datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC), "4711471147"
_HASH = "0123456789abcdef" * 4


class Pattern(NamedTuple):
    """An event with `%(name)s` where lives differ."""

    subject: str
    body: str

    def written(self, life: Mapping[str, str]) -> tuple[str, bytes]:
        """The event of one life."""
        return self.subject % life, (self.body % life).encode()


def lives(events: int, service: str) -> Iterator[tuple[str, bytes]]:
    """The part of a log of about so many events that one service holds, oldest first."""
    patterns = _patterns()
    people = events // len(patterns)
    for begin in range(0, people, TOGETHER):
        crowd = [_life(number) for number in range(begin, min(begin + TOGETHER, people))]
        yield from _founded(begin, len(crowd), service)
        for step, (of, pattern) in enumerate(patterns):
            if of == service:
                yield from _written(pattern, crowd, begin * len(patterns) + step * len(crowd))


def device_ids(events: int) -> list[str]:
    """The devices in such a log."""
    return [_life(number)["device"] for number in range(events // len(_patterns()))]


SERVICES = ("provisioning", "activation", "notifier", "sessions")


def _written(
    pattern: Pattern, crowd: Sequence[dict[str, str]], place: int
) -> Iterator[tuple[str, bytes]]:
    for number, life in enumerate(crowd):
        life["time"] = f"{FIRST + (place + number) * APART:%Y-%m-%dT%H:%M:%SZ}"
        life["id"] = f"{life['device'][:14]}7{place % 4096:03x}-8{life['contact'][20:]}"
        yield pattern.written(life)


def _life(number: int) -> dict[str, str]:
    at = FIRST + number * APART
    company = number // PEOPLE_EACH
    ids = {role: derived_id7(at, role, str(number)) for role in ROLES}
    # Activation calls what it keeps of a device by the device's id.
    own = {"activation": ids["device"], "number": f"{number:07}"}
    return {**ids, **_company(company), **own}


@cache
def _company(number: int) -> Mapping[str, str]:
    return {
        role: derived_id7(FIRST, role, str(number), "company")
        for role in ("organization", "provider")
    }


def _founded(begin: int, crowd: int, service: str) -> Iterator[tuple[str, bytes]]:
    for number in range(begin, begin + crowd):
        if number % PEOPLE_EACH == 0:
            founding = [pattern for of, pattern in _founding() if of == service]
            for pattern in founding:
                yield from _written(pattern, [_life(number)], -1)


@cache
def _founding() -> Sequence[tuple[str, Pattern]]:
    own = _PLACE["organization"]
    return _drawn(
        s.OrganizationRegistered(
            organization_id=own, name="Acme", domains=(f"{own}.example",), sign_in_name=own
        ),
        p.ServiceProviderAdded(
            provider_id=_PLACE["provider"],
            name="Telecom",
            sip_server="sip.telecom.example",
            sip_port=5060,
            is_default=True,
        ),
    )


@cache
def _patterns() -> Sequence[tuple[str, Pattern]]:
    return _drawn(*_softphone(), *_mailed(), *_changes(), *_days())


def _drawn(*facts: Event) -> list[tuple[str, Pattern]]:
    versions: Counter[str] = Counter()
    drawn = []
    for fact in facts:
        versions[fact.aggregate_id] += 1
        drawn.append((fact.service, _pattern(fact, versions[fact.aggregate_id])))
    return drawn


def _pattern(fact: Event, version: int) -> Pattern:
    aggregate = Aggregate(fact.service, _PLACE["organization"], fact.aggregate, fact.aggregate_id)
    body = envelope(aggregate, version, fact, _ID).model_copy(update={"time": _TIME})
    return Pattern(
        _marked(aggregate.subject(version, type(fact))),
        _marked(body.model_dump_json(exclude_none=True)),
    )


def _marked(text: str) -> str:
    text = text.replace("%", "%%").replace(f"{_TIME:%Y-%m-%dT%H:%M:%SZ}", "%(time)s")
    text = text.replace(_ID, "%(id)s").replace(_NUMBER, "%(number)s")
    for role, place in _PLACE.items():
        text = text.replace(place, f"%({role})s")
    return text


def _softphone() -> Sequence[Event]:
    at = _PLACE
    email = p.Email(email_id=at["email"], address=f"ada{_NUMBER}@acme.example", label="work")
    return (
        p.SipAccountAdded(
            sip_account_id=at["account"],
            provider_id=at["provider"],
            friendly_name=f"Desk {_NUMBER}",
            username=_NUMBER,
            protocol="udp",
        ),
        p.SipAccountSecretSet(
            sip_account_id=at["account"], secret_id=at["secret"], secret_version=1, key_id="k1"
        ),
        p.ContactAdded(
            contact_id=at["contact"], first_name="Ada", last_name=_NUMBER, emails=(email,)
        ),
        p.DeviceCreated(
            device_id=at["device"],
            contact_id=at["contact"],
            name=f"Laptop {_NUMBER}",
            sip_account_ids=(at["account"],),
        ),
        a.ActivationCodeIssued(
            activation_id=at["activation"],
            device_id=at["device"],
            generation=1,
            key_id="k1",
            fingerprint=_HASH,
            expires_at=LATER,
            device_version=1,
        ),
        a.ActivationCodeViewed(activation_id=at["activation"], generation=1, by=at["user"]),
    )


def _mailed() -> Sequence[Event]:
    at, message = _PLACE, f"<{_PLACE['notification']}@acme.example>"
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
            token_fingerprint=_HASH,
            installation_fingerprint=_HASH,
            client=a.Client(name="Linphone", version="5", platform="Linux"),
            format="linphone",
            revision=1,
        ),
    )


def _changes() -> Iterator[Event]:
    at = _PLACE
    email = p.Email(email_id=at["email"], address=f"ada{_NUMBER}@acme.example", label="work")
    yield p.ContactChanged(
        contact_id=at["contact"], first_name="Ada", last_name=f"{_NUMBER} L", emails=(email,)
    )
    for revision in (2, 3, 4):
        yield p.SipAccountChanged(
            sip_account_id=at["account"],
            provider_id=at["provider"],
            friendly_name=f"Desk {_NUMBER} {revision}",
            username=_NUMBER,
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


def _days() -> Iterator[Event]:
    at = _PLACE
    yield s.UserRegistered(
        user_id=at["user"],
        login_id=f"ada{_NUMBER}@acme.example",
        role="agent",
        first_name="Ada",
        last_name=_NUMBER,
        credential_version=1,
    )
    yield s.DeskConfigured(
        desk_id=at["desk"], name=f"Desk {_NUMBER}", device_id=at["device"], hot_desk=True
    )
    for day in range(DAYS):
        yield from _day(at[f"session{day}"], at[f"seat{day}"])


def _day(session: str, seat: str) -> Iterator[Event]:
    at, whose = _PLACE, {"session_id": session, "user_id": _PLACE["user"]}
    where = {"association_id": seat, "desk_id": at["desk"], "device_id": at["device"]}
    yield s.AgentSignedIn.model_validate(
        whose
        | {"role": "agent", "machine_id": _HASH, "domain_source": "typed"}
        | {"stay_signed_in": False, "language": "en", "desk_id": at["desk"]}
    )
    yield s.DeskAssociated.model_validate(whose | where | {"sip_account_ids": (at["account"],)})
    for state in ("available", "wrap_up", "available", "unavailable"):
        yield s.AcdStateChanged.model_validate(whose | {"state": state})
    yield s.DeskReleased.model_validate(whose | where | {"reason": "user"})
    yield s.AgentSignedOut.model_validate(whose | {"machine_id": _HASH, "reason": "user"})
