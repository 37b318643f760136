"""What a command gets from the edge of the system: who, when, and the ids it may use."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from litestar.connection import Request
from litestar.params import HeaderParameter

from chassis.auth import signed_in_already
from chassis.cause import Cause, Clock, Ids, derived_id7
from chassis.decider import Refused
from chassis.event_store import INSTALLATION
from chassis.idempotency import Reservation, Reservations
from chassis.keyring import Keyring
from chassis.tracing import traceparent

ANONYMOUS = "anonymous"
MAX_KEY_LENGTH = 128
MAX_VERSION_DIGITS = 18

KEY_HEADER = "Idempotency-Key"
KEY_IGNORED = "ignores_idempotency_key"
IGNORES_IDEMPOTENCY_KEY = {KEY_IGNORED: True}
"""`opt=` of routes whose every call is a new one, such as sign-in."""


class MalformedHeader(Refused):
    """A request header cannot be understood."""

    status = 400


@dataclass(frozen=True, slots=True)
class Edge:
    """Everything a command handler may not make up itself.

    `resource_id` is the id for what the command creates. With an Idempotency-Key, a repeat of
    the request gets the same ids and the same time. `if_version` is what If-Match asks for.
    """

    cause: Cause
    organization: str
    resource_id: str
    if_version: int | None
    clock: Clock

    def derived(self, label: str) -> str:
        """The id of a further thing this command creates: the same for every repeat."""
        return derived_id7(self.cause.at, self.cause.command_id, label)

    def within(self, organization: str) -> "Edge":
        """The same for a public command, once it is known which organization it is about."""
        return replace(self, organization=organization)


@dataclass(frozen=True)
class Edges:
    """Makes the dependency `edge` of every command of one service."""

    reservations: Reservations
    keyring: Keyring
    clock: Clock
    new_id: Ids

    async def edge(
        self,
        request: Request[Any, Any, Any],
        idempotency_key: Annotated[
            str | None,
            HeaderParameter(
                name=KEY_HEADER,
                description="Repeats of a request with the same key, for 24 hours, are one.",
                schema_extra={"minLength": 1, "maxLength": MAX_KEY_LENGTH, "pattern": "^[ -~]+$"},
            ),
        ] = None,
        if_match: Annotated[
            str | None,
            HeaderParameter(
                name="If-Match",
                description="The `ETag` the resource must still have for this to be done.",
                schema_extra={"pattern": rf'^("\d{{1,{MAX_VERSION_DIGITS}}}"|\*)$'},
            ),
        ] = None,
    ) -> Edge:
        """What this request brings along.

        Raises `MalformedHeader`, `KeyReused`, `StoreUnavailable`.
        """
        principal = signed_in_already(request)
        organization = principal.organization if principal else INSTALLATION
        actor = principal.user_id if principal else ANONYMOUS
        if_version = version_of(if_match)
        ids = Reservation(self.new_id(), self.new_id(), self.clock())
        if idempotency_key is not None and not _ignores_key(request):
            ids = await self._reserved(request, organization, actor, idempotency_key, ids)
        cause = Cause(
            command_id=ids.command_id,
            at=ids.at,
            actor=actor,
            correlation_id=ids.command_id,
            traceparent=traceparent(),
        )
        return Edge(cause, organization, ids.resource_id, if_version, self.clock)

    async def _reserved(
        self,
        request: Request[Any, Any, Any],
        organization: str,
        actor: str,
        key: str,
        proposal: Reservation,
    ) -> Reservation:
        if not 1 <= len(key) <= MAX_KEY_LENGTH or not (key.isascii() and key.isprintable()):
            raise MalformedHeader(
                f"An Idempotency-Key has 1 to {MAX_KEY_LENGTH} printable ASCII characters. "
                "A fresh UUID is a good one."
            )
        fingerprint = self.keyring.lasting(
            "idempotent-request",
            request.method,
            request.url.path,
            request.scope["query_string"],
            await request.body(),
        )
        return await self.reservations.reserve(organization, actor, key, fingerprint, proposal)


def version_of(if_match: str | None) -> int | None:
    """The version an If-Match header demands, None if any will do. Raises `MalformedHeader`."""
    if if_match is None or if_match.strip() == "*":
        return None
    quoted = if_match.strip()
    digits = quoted.removeprefix('"').removesuffix('"')
    wellformed = digits.isascii() and digits.isdecimal() and len(digits) <= MAX_VERSION_DIGITS
    if quoted != f'"{digits}"' or not wellformed:
        raise MalformedHeader(
            'Send as If-Match exactly one ETag as it was received, such as "3", or *.'
        )
    return int(digits)


def _ignores_key(request: Request[Any, Any, Any]) -> bool:
    # A question needs none, and must not make anything be kept.
    question = request.method in {"GET", "HEAD"}
    return question or bool(request.route_handler.opt.get(KEY_IGNORED))
