"""What activation answers to other services: a code, at the moment it is put into a mail."""

from dataclasses import asdict
from datetime import datetime

from chassis.cause import Clock
from chassis.command_handler import CommandHandler
from chassis.service import Answer
from schemas.questions import CodeQuestion, Dead, DeadCode, LiveCode
from services.activation.domain.activation import activation
from services.activation.domain.aggregates import activation_of
from services.activation.domain.state import Activation
from services.activation.links import KeyGone, Links


def code_answer(commands: CommandHandler, links: Links, clock: Clock) -> Answer:
    """Answers a `CodeQuestion` with a `LiveCode` or a `DeadCode`."""

    async def answer(body: bytes) -> bytes:
        question = CodeQuestion.model_validate_json(body)
        aggregate = activation_of(question.organization, question.activation_id)
        known = (await commands.look(aggregate, activation)).state
        dead = _dead(known, question.generation, clock())
        if dead or known.expires_at is None:
            return DeadCode(dead=dead or "unknown").model_dump_json().encode()
        try:
            found = links.code(question.activation_id, known)
        except KeyGone:
            return DeadCode(dead="unknown").model_dump_json().encode()
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
