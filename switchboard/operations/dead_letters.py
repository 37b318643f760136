"""`switchboard dead-letters`: events that no reaction could deal with, and what to do with them."""

import json
from dataclasses import dataclass

from nats.errors import Error as NatsError

from chassis.event_store import StoreUnavailable
from chassis.jetstream.accounts import retry_subject
from chassis.jetstream.nats_inbox import Inbox
from chassis.settings import WrongSettings
from chassis.workers.attempts import TRY_SECONDS
from chassis.workers.dead_letters import DeadLetter
from chassis.workers.retrying import DONE
from switchboard.operations.operator import API, Operator
from switchboard.operations.reading import batches
from switchboard.operations.shown import ALL_WELL, FAILED, Row

STREAM = "DEAD_LETTERS"


@dataclass(frozen=True)
class Buried:
    """A dead letter and its number in the stream of them."""

    number: int
    letter: DeadLetter

    @property
    def row(self) -> Row:
        """All about it."""
        return {"number": self.number, **self.letter.model_dump(mode="json", exclude_none=True)}


async def list_letters(operator: Operator, service: str | None) -> int:
    """Show them, oldest first."""
    found = [one.row for one in await _all(operator, service)]
    if found:
        heads = ("number", "buried_at", "durable", "subject", "tries", "reason")
        operator.shown.rows(heads, found)
    else:
        operator.shown.say("There are no dead letters.")
    return ALL_WELL


async def show_letter(operator: Operator, number: int) -> int:
    """Show all of one. Raises `WrongSettings`."""
    row = (await _one(operator, number)).row
    if operator.shown.as_json:
        operator.shown.row(row)
    else:
        operator.shown.out.print_json(data=row)
    return ALL_WELL


async def retry_letters(operator: Operator, numbers: list[int], *, yes: bool) -> int:
    """Let a worker try each once more; what succeeds is taken out. Raises `WrongSettings`."""
    worst = ALL_WELL
    for number in numbers:
        buried = await _one(operator, number)
        what = f"{number}: {buried.letter.subject} to {buried.letter.durable}"
        if not yes:
            operator.shown.say(f"{what} would be tried again. To do it, say --yes.")
            continue
        failure = await _retried(operator, buried)
        if failure:
            operator.shown.say(f"{what} failed again and stays: {failure}")
            worst = FAILED
        else:
            await _remove(operator, number)
            operator.shown.say(f"{what} succeeded.")
    return worst


async def discard_letters(operator: Operator, numbers: list[int], *, yes: bool) -> int:
    """Take letters out for good; their events stay in the log. Raises `WrongSettings`."""
    for number in numbers:
        buried = await _one(operator, number)
        what = f"{number}: {buried.letter.subject} to {buried.letter.durable}"
        if yes:
            await _remove(operator, number)
            operator.shown.say(f"{what} is discarded.")
        else:
            operator.shown.say(f"{what} would be discarded. To do it, say --yes.")
    return ALL_WELL


async def _all(operator: Operator, service: str | None) -> list[Buried]:
    feed = await operator.feed(STREAM, f"dead.{service or '*'}.>")
    if not (await feed.log()).last_sequence:
        return []
    await feed.reset(1)
    return [
        Buried(one.sequence, DeadLetter.model_validate_json(one.body))
        async for batch in batches(feed)
        for one in batch.deliveries
    ]


async def _one(operator: Operator, number: int) -> Buried:
    direct = await operator.direct(STREAM)
    found = await direct.following("dead.>", number, 1)
    if not found or found[0].sequence != number:
        raise WrongSettings(
            f"There is no dead letter {number}. See `switchboard dead-letters list`."
        )
    return Buried(number, DeadLetter.model_validate_json(found[0].payload))


async def _retried(operator: Operator, buried: Buried) -> str | None:
    nc = await operator.connected()
    service = buried.letter.service
    body = buried.letter.model_dump_json(exclude_none=True).encode()
    try:
        answer = await nc.request(retry_subject(service), body, timeout=TRY_SECONDS + 5)
    except (NatsError, TimeoutError):
        return f"no worker of {service} answered. Start `switchboard work {service}`."
    return None if answer.data == DONE else answer.data.decode()


async def _remove(operator: Operator, number: int) -> None:
    inbox = Inbox(await operator.connected())
    subject = f"{API}.STREAM.MSG.DELETE.{STREAM}"
    answer = json.loads((await inbox.ask(subject, json.dumps({"seq": number}).encode())).data)
    if error := answer.get("error"):
        raise StoreUnavailable(f"Dead letter {number} was not taken out: {error['description']}.")
