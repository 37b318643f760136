"""Tries a reaction to a dead letter once more, in a worker, when an operator asks for it."""

import asyncio

from pydantic import ValidationError

from chassis.event_store import Position, Recorded
from chassis.reactions import Reactions
from chassis.service import Answer
from chassis.workers.attempts import TRY_SECONDS
from chassis.workers.dead_letters import DeadLetter, reason_of

DONE = b"done"


def retrying(reactions: Reactions) -> Answer:
    """Answers a dead letter with `DONE`, or with why the reaction failed again."""

    async def retry(body: bytes) -> bytes:
        try:
            letter = DeadLetter.model_validate_json(body)
        except ValidationError:
            return b"This is no dead letter."
        return await _react(letter, reactions)

    return retry


async def _react(letter: DeadLetter, reactions: Reactions) -> bytes:
    if letter.envelope is None:
        return b"It is no event that could be read: discard it, or deploy what can read it."
    service = letter.subject.split(".")[1]
    try:
        recorded = Recorded(letter.envelope, Position(service, letter.sequence))
        reaction = reactions.get(type(recorded.event))
        if reaction is None:
            return b"This release does not react to such events: discard it."
        async with asyncio.timeout(TRY_SECONDS):
            await reaction(recorded)
    except Exception as error:
        return reason_of(error).encode()
    return DONE
