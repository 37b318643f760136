"""What a sign-in and a heartbeat must leave on the broker, and a password check, by hand."""

import asyncio
import json
from datetime import UTC, datetime
from uuid import uuid4

from argon2 import PasswordHasher, Type

from bench.bare.broker import Broker

AT_ONCE = 2
TTL = {"Nats-TTL": "45s"}


async def sign_in(broker: Broker, organization: str, user: str) -> str:
    """Store a known machine, a lease, and the session with its two claims; answers its id."""
    session, machine = str(uuid4()), uuid4().hex * 2
    await broker.publish(f"$KV.credentials.machine.{machine}", b"1", _once())
    await broker.publish(f"heartbeat.session.{organization}.{session}", b"1", _once() | TTL)
    holder = json.dumps({"holder": f"{organization}/{user}/{session}"}).encode()
    prefix = f"evt.sessions.{organization}.session.{session}"
    claims = (f"claim.sessions._.machine.{machine}", f"claim.sessions._.user.{uuid4().hex * 2}")
    await broker.publish_batch(
        [
            *((claim, holder, _first(claim)) for claim in claims),
            (
                f"{prefix}.1.AgentSignedIn",
                _event(organization, user, session),
                _first(f"{prefix}.>"),
            ),
        ]
    )
    return session


async def beat(log: Broker, leases: Broker, organization: str, session: str) -> None:
    """Look at the session and at its lease, and renew it."""
    await log.last_of_each([f"evt.sessions.{organization}.session.{session}.>"])
    subject = f"heartbeat.session.{organization}.{session}"
    (found,) = await leases.last_of_each([subject])
    last = (found.headers or {})["Nats-Sequence"]
    guard = {"Nats-Expected-Last-Subject-Sequence": last}
    await leases.publish(subject, b"1", _once() | TTL | guard)


class Verifying:
    """Argon2id in threads, two at a time."""

    def __init__(self, memory_kib: int, password: str) -> None:
        self._hasher = PasswordHasher(
            time_cost=2, memory_cost=memory_kib, parallelism=1, type=Type.ID
        )
        self._password, self._hash = password, self._hasher.hash(password)
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def verify(self) -> bool:
        """Check the password once."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.verify, self._hash, self._password)


def _once() -> dict[str, str]:
    return {"Nats-Msg-Id": str(uuid4())}


def _first(subject: str) -> dict[str, str]:
    return _once() | {
        "Nats-Expected-Last-Subject-Sequence": "0",
        "Nats-Expected-Last-Subject-Sequence-Subject": subject,
    }


def _event(organization: str, user: str, session: str) -> bytes:
    data = {
        "session_id": session,
        "user_id": user,
        "role": "agent",
        "machine_id": "0" * 64,
        "domain_source": "typed",
        "stay_signed_in": True,
        "language": "en",
    }
    envelope = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/switchboard/sessions",
        "type": "sessions.v1.AgentSignedIn",
        "subject": f"session/{session}",
        "time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "dataschema": "/schemas/json/sessions/v1/AgentSignedIn.json",
        "datacontenttype": "application/json",
        "organization": organization,
        "version": 1,
        "correlationid": str(uuid4()),
        "causationid": str(uuid4()),
        "actor": user,
        "data": data,
    }
    return json.dumps(envelope, separators=(",", ":")).encode()
