"""Which number a SIP account had at a moment: its user name at the provider, as it was then."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import ReadModel, ReadModelStore
from schemas.provisioning import SipAccountAdded, SipAccountChanged

NUMBER_FACTS = (SipAccountAdded, SipAccountChanged)


@dataclass(frozen=True)
class Number:
    """A number, and since when the account has it."""

    since: datetime
    number: str


@dataclass(frozen=True)
class NumbersView:
    """All numbers of an account, the first one first. A removed account keeps its past."""

    id: str
    numbers: tuple[Number, ...] = ()

    def at(self, moment: datetime) -> str | None:
        """The number then; before there was any, the first."""
        then = [one for one in self.numbers if one.since <= moment] or self.numbers[:1]
        return then[-1].number if then else None


def project_numbers(view: NumbersView | None, recorded: Recorded) -> NumbersView | None:
    """Fold what an account is called."""
    event = recorded.event
    if not isinstance(event, NUMBER_FACTS):
        return view
    known = view or NumbersView(event.sip_account_id)
    if known.numbers and known.numbers[-1].number == event.username:
        return known
    number = Number(recorded.envelope.time, event.username)
    return replace(known, numbers=(*known.numbers, number))


NUMBERS = ReadModel("numbers_v1", NumbersView)

number_projection = Projection(
    NUMBERS, dict.fromkeys(NUMBER_FACTS, attrgetter("sip_account_id")), project_numbers
)


async def numbers_at(
    read_models: ReadModelStore, organization: str, accounts: Iterable[str], moment: datetime
) -> list[str]:
    """The numbers of accounts at a moment, in their order."""
    keys = [(organization, one) for one in accounts]
    stored = await read_models.stored(NUMBERS, keys)
    found = (stored[key].document for key in keys if key in stored)
    return [number for view in found if view and (number := view.at(moment)) is not None]
