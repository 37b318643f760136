"""What activation answers to other services: a code, at the moment it is put into a mail."""

from dataclasses import asdict
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.cause import Clock
from chassis.command_handler import CommandHandler
from chassis.service import Answer
from schemas.fields import Id
from services.activation.domain.activation import activation
from services.activation.domain.aggregates import activation_of
from services.activation.domain.state import Activation
from services.activation.links import Links

CODE_SUBJECT = "rpc.activation.code"

Dead = Literal["unknown", "revoked", "used", "expired"]


class CodeQuestion(BaseModel):
    """Which code is asked for."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    organization: Id
    activation_id: Id
    generation: int = Field(ge=1)


class LiveCode(BaseModel):
    """A code that can be exchanged until `expires_at`, and where."""

    model_config = ConfigDict(hide_input_in_errors=True)

    code: str = Field(repr=False)
    activation_url: str = Field(repr=False)
    provisioning_url: str = Field(repr=False)
    expires_at: datetime


class DeadCode(BaseModel):
    """The code is of no use any more, and why."""

    dead: Dead


def code_answer(commands: CommandHandler, links: Links, clock: Clock) -> Answer:
    """Answers a `CodeQuestion` with a `LiveCode` or a `DeadCode`."""

    async def answer(body: bytes) -> bytes:
        question = CodeQuestion.model_validate_json(body)
        aggregate = activation_of(question.organization, question.activation_id)
        known = (await commands.look(aggregate, activation)).state
        dead = _dead(known, question.generation, clock())
        if dead or known.expires_at is None:
            return DeadCode(dead=dead or "unknown").model_dump_json().encode()
        found = links.code(question.activation_id, known)
        live = LiveCode(**asdict(found), expires_at=known.expires_at)
        return live.model_dump_json().encode()

    return answer


def _dead(known: Activation, generation: int, at: datetime) -> Dead | None:
    if generation > known.generation:
        return "unknown"
    if generation < known.generation or known.code == "revoked":
        return "revoked"
    if known.code == "used":
        return "used"
    return None if known.usable(at) else "expired"
