"""What services ask each other: written once, the same on the wire as ever, and told nowhere."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from chassis.jetstream.topology import Topology
from schemas.questions import CODE_ANSWER, CONVERSATIONS, CodeQuestion, DeadCode, LiveCode
from tests.docs.repository import text

CODE = "BCDF-GHJK-LMNP"
WIRE = {
    "code": CODE,
    "activation_url": f"https://phones.example.com/activate#{CODE}",
    "provisioning_url": f"https://phones.example.com/p/{CODE}",
    "expires_at": "2026-11-28T12:00:00Z",
}


def test_the_broker_lets_through_exactly_the_questions_that_are_written_down() -> None:
    assert {one.subject for one in CONVERSATIONS} == set(Topology.load().rpc)


def test_a_question_is_written_as_it_always_was() -> None:
    question = CodeQuestion(organization="o-1", activation_id="d-1", generation=2)
    expected = {"organization": "o-1", "activation_id": "d-1", "generation": 2}
    assert json.loads(question.model_dump_json()) == expected


def test_a_live_code_is_written_as_it_always_was() -> None:
    answer = CODE_ANSWER.validate_python(WIRE)
    assert isinstance(answer, LiveCode)
    assert answer.expires_at == datetime(2026, 11, 28, 12, tzinfo=UTC)
    assert json.loads(answer.model_dump_json()) == WIRE


@pytest.mark.parametrize("why", ["unknown", "revoked", "used", "expired"])
def test_a_dead_code_is_written_as_it_always_was(why: str) -> None:
    answer = CODE_ANSWER.validate_json(json.dumps({"dead": why}))
    assert isinstance(answer, DeadCode)
    assert json.loads(answer.model_dump_json()) == {"dead": why}


def test_members_that_join_later_are_passed_over() -> None:
    assert CODE_ANSWER.validate_python({**WIRE, "shown": 3}) == CODE_ANSWER.validate_python(WIRE)


@pytest.mark.parametrize("wire", [f'{{"code": "{CODE}"}}', f'"{CODE}"', f"{CODE}"])
def test_a_complaint_about_an_answer_does_not_repeat_the_code(wire: str) -> None:
    with pytest.raises(ValidationError) as complaint:
        CODE_ANSWER.validate_json(wire)
    assert CODE not in str(complaint.value)


def test_a_live_code_does_not_show_itself() -> None:
    assert CODE not in repr(CODE_ANSWER.validate_python(WIRE))


def test_every_question_is_in_the_catalogue() -> None:
    page = text("docs/events.md")
    kinds = [kind for one in CONVERSATIONS for kind in (one.question, *one.answers)]
    assert [kind.__name__ for kind in kinds if f"`{kind.__name__}`" not in page] == []
