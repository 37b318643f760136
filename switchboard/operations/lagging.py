"""`switchboard consumers lag`: how far every reader of the logs is behind."""

import json

from chassis.jetstream.nats_inbox import Inbox
from switchboard.operations.operator import API, Operator
from switchboard.operations.shown import ALL_WELL, WRONG, Row

HEADS = ("durable", "stream", "waiting", "at work", "tried again", "reached", "end")


async def lag(operator: Operator, most: int | None) -> int:
    """Show every durable; 3 if one has more than `most` waiting. Raises `StoreUnavailable`."""
    rows = [
        await _row(operator, durable.stream, durable.name) for durable in operator.topology.durables
    ]
    operator.shown.rows(HEADS, rows)
    behind = [row["durable"] for row in rows if most is not None and (row["waiting"] or 0) > most]
    missing = [row["durable"] for row in rows if row["waiting"] is None]
    if missing:
        operator.shown.say(f"{', '.join(missing)}: missing. Run `switchboard setup`.")
    if behind:
        operator.shown.say(
            f"{', '.join(behind)}: behind. See whether their workers run, `/readyz` of each says "
            "what is wrong; docs/operations.md says what to do about lag."
        )
    return WRONG if behind or missing else ALL_WELL


async def _row(operator: Operator, stream: str, durable: str) -> Row:
    inbox = Inbox(await operator.connected())
    info = json.loads((await inbox.ask(f"{API}.CONSUMER.INFO.{stream}.{durable}")).data)
    if "error" in info:
        return {"durable": durable, "stream": stream, "waiting": None}
    log = json.loads((await inbox.ask(f"{API}.STREAM.INFO.{stream}")).data)
    return {
        "durable": durable,
        "stream": stream,
        "waiting": info["num_pending"] + info["num_ack_pending"],
        "at work": info["num_ack_pending"],
        "tried again": info["num_redelivered"],
        "reached": info["ack_floor"]["stream_seq"],
        "end": log["state"]["last_seq"],
    }
