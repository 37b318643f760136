"""What services ask each other where no event can tell: requests and their answers over NATS.

They are no facts: nothing keeps them, and an answer may hold a secret that no event may hold.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from schemas.fields import Id

CODE_SUBJECT = "rpc.activation.code"
"""Asked with a `CodeQuestion`, answered with a `LiveCode` or a `DeadCode`."""

Dead = Literal["unknown", "revoked", "used", "expired"]
Secret = Annotated[str, Field(repr=False)]


class _Said(BaseModel):
    # Members may join on either side before the other side knows them.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class CodeQuestion(_Said):
    """Which code does this device have, asked at the moment it is put into a mail."""

    organization: Id
    activation_id: Id
    generation: int = Field(ge=1, description="Codes of a device are counted from 1.")


class LiveCode(_Said):
    """It can be exchanged until `expires_at`. Whoever asked neither keeps it nor logs it."""

    code: Secret = Field(description="As people type it, in groups of four letters.")
    activation_url: Secret = Field(description="The page for people, with the code as fragment.")
    provisioning_url: Secret = Field(description="Where a softphone exchanges the code.")
    expires_at: datetime


class DeadCode(_Said):
    """It is of no use any more, or never was."""

    dead: Dead


CODE_ANSWER: TypeAdapter[LiveCode | DeadCode] = TypeAdapter(
    LiveCode | DeadCode, config=ConfigDict(hide_input_in_errors=True)
)
"""Reads an answer to a `CodeQuestion`; complaints do not repeat it."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is asked on a subject, and what the answer may be."""

    subject: str
    question: type[BaseModel]
    answers: tuple[type[BaseModel], ...]


CONVERSATIONS = (Conversation(CODE_SUBJECT, CodeQuestion, (LiveCode, DeadCode)),)
