"""The part of the catalogue on what services ask each other."""

from collections.abc import Iterator

from pydantic import BaseModel

from schemas.publish.catalogue import fields, prose
from schemas.publish.json_schema import message_schema
from schemas.publish.topology import Consumers
from schemas.questions import CONVERSATIONS, Conversation

_HEAD = """\
## Questions between services

Where no event can tell, because the answer is a secret, one service asks another by a NATS request:
JSON there and back. Nothing keeps them, and only the accounts named here may ask.

| Subject | Message | What it means | Fields |
|---|---|---|---|
"""


def conversations(consumers: Consumers) -> str:
    """The section, ready to stand at the end of the page."""
    rows = [row for one in CONVERSATIONS for row in _rows(one, consumers)]
    return _HEAD + "\n".join(rows) + "\n"


def _rows(one: Conversation, consumers: Consumers) -> Iterator[str]:
    asking = ", ".join(consumers.asking(one.subject))
    yield _row(f"`{one.subject}`", f"{asking} asks", one.question)
    for answer in one.answers:
        yield _row("", f"{consumers.answering(one.subject)} answers", answer)


def _row(subject: str, who: str, kind: type[BaseModel]) -> str:
    schema = message_schema(kind)
    return f"| {subject} | {who} `{kind.__name__}` | {prose(schema)} | {fields(schema, schema)} |"
