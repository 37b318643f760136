"""`switchboard replay`: repeats a part of history for another team, at a bearable pace."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from chassis.event_store import Recorded
from chassis.jetstream.accounts import REPLAY
from chassis.settings import WrongSettings
from schemas.envelope import CONTENT_TYPE
from switchboard.operations.filters import Filter
from switchboard.operations.operator import Operator
from switchboard.operations.plain import plain
from switchboard.operations.reading import events
from switchboard.operations.shown import ALL_WELL

_SUBJECT = re.compile(rf"^{REPLAY}(\.[0-9A-Za-z_-]+)+$")

Sink = Callable[[Recorded], Awaitable[None]]


async def to_subject(
    operator: Operator, wanted: Filter, subject: str, rate: int, *, yes: bool
) -> int:
    """Publish each event under the subject, in the order of each log. Raises `WrongSettings`.

    No stream takes what is published there, no service hears it, and `ops` may publish nowhere
    else: nothing can react to it.
    """
    if not _SUBJECT.match(subject):
        raise WrongSettings(
            f"{subject} is not allowed: history is repeated under subjects like "
            f"{REPLAY}.<team> only, where no service of ours listens."
        )
    nc = await operator.connected()

    async def publish(recorded: Recorded) -> None:
        body = recorded.envelope.model_dump_json(exclude_none=True).encode()
        await nc.publish(subject, body, headers={"content-type": CONTENT_TYPE})

    if not yes:
        return await _count(operator, wanted, f"published under {subject}")
    return await _replay(operator, wanted, publish, rate, f"published under {subject}")


async def to_file(operator: Operator, wanted: Filter, path: Path, rate: int) -> int:
    """Write each event as a line of JSON. Raises `WrongSettings`."""
    try:
        file = path.open("x", encoding="utf-8")
    except OSError as error:
        raise WrongSettings(f"{path} cannot be made ({error.strerror}). Choose another.") from None
    with file:

        async def write(recorded: Recorded) -> None:
            event = recorded.envelope.model_dump(mode="json", exclude_none=True)
            file.write(json.dumps(plain(event), ensure_ascii=False) + "\n")

        return await _replay(operator, wanted, write, rate, f"written to {path}")


async def _count(operator: Operator, wanted: Filter, what: str) -> int:
    count = 0
    async for _ in events(operator, wanted):
        count += 1
    operator.shown.say(f"{count} events would be {what}. To do it, say --yes.")
    return ALL_WELL


async def _replay(operator: Operator, wanted: Filter, sink: Sink, rate: int, what: str) -> int:
    clock = asyncio.get_running_loop().time
    began, count = clock(), 0
    with operator.shown.progress() as progress:
        task = progress.add_task("events", total=None)
        async for recorded in events(operator, wanted):
            await sink(recorded)
            count += 1
            progress.update(task, completed=count)
            ahead = count / rate - (clock() - began)
            if ahead > 0:
                await asyncio.sleep(ahead)
    operator.shown.say(f"{count} events {what}.")
    return ALL_WELL
