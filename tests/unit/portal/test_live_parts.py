"""Live parts of pages: each is sent as it is, and says at once why the session is over."""

from typing import Any

import pytest

from services.portal.pages import floor, my_session
from tests.unit.portal.call_centre import ANSWERS, signed_in

OVER = {"detail": "You were signed out by somebody in charge.", "reason": "forced", "status": 401}


class GivenOnce(dict[str, Any]):
    """Answers, one of which is given once: then the session is over."""

    def __init__(self, once: str) -> None:
        super().__init__(ANSWERS)
        self.once = once

    def get(self, key: str, default: Any = None) -> Any:
        answer = super().get(key, default)
        if key == self.once:
            self[key] = (401, OVER)
        return answer


@pytest.mark.parametrize(
    ("role", "path", "asked", "shown"),
    [
        ("agent", "/my-session/live", "session", "Desk 12"),
        ("agent", "/floor/live", "desks", "Desk 13"),
        ("supervisor", "/board/live", "sessions", "grace@example.com"),
    ],
)
async def test_a_live_part_is_sent_and_then_the_reason_why_the_session_is_over(
    role: str, path: str, asked: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (floor, my_session):
        monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    async with signed_in(role) as person:
        person.services.answers = GivenOnce(f"GET /api/v1/{asked}")
        answer = (await person.open(path)).text
    parts = [one for one in answer.replace("\r\n", "\n").split("\n\n") if one]
    assert [one.rpartition("event: ")[2].partition("\n")[0] for one in parts] == [
        "part",
        "signed-out",
    ]
    assert shown in parts[0]
    assert "data: forced" in parts[1].split("\n")
