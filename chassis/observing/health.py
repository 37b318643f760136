"""What the probes tell: alive, ready for work, started up. One object for a whole process."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

Check = Callable[[], Awaitable[str | None]]
"""None if all is well, else what is wrong and what to do about it, in one or two sentences."""

Monotonic = Callable[[], float]

CHECK_SECONDS = 2.0
DRAINING = "This process is being stopped. Nothing is to be done; send requests to another one."
STARTING = "This process has not finished starting. Wait; if it lasts, read its log."


@dataclass(frozen=True, slots=True)
class Report:
    """The answer of a probe: per failed check, what is wrong and what to do.

    `warnings` are the same, of what somebody has to look at while the process does its work.
    """

    failed: dict[str, str]
    warnings: dict[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return not self.failed


@dataclass
class Pulse:
    """A loop's sign of life. Whoever runs the loop calls `beat` at least once per round."""

    longest_silence: float
    monotonic: Monotonic
    _last: float = field(init=False)

    def __post_init__(self) -> None:
        self.beat()

    def beat(self) -> None:
        """The loop is still going round."""
        self._last = self.monotonic()

    @property
    def silence(self) -> float:
        """Seconds since the last beat."""
        return self.monotonic() - self._last


class Health:
    """Collects the checks and pulses of every part of a process."""

    def __init__(self, monotonic: Monotonic = time.monotonic) -> None:
        self._monotonic = monotonic
        self._checks: dict[str, Check] = {}
        self._warnings: dict[str, Check] = {}
        self._pulses: dict[str, Pulse] = {}
        self._started = False
        self._draining = False

    def check(self, name: str, check: Check, *, cached_seconds: float = 0.0) -> None:
        """Make readiness depend on a check. Raises ValueError for a name taken twice."""
        _refuse_twice(name, self._checks)
        kept = _cached(check, cached_seconds, self._monotonic) if cached_seconds else check
        self._checks[name] = kept

    def warn(self, name: str, check: Check) -> None:
        """Show a check with readiness, which does not depend on it.

        For what lies outside and hits every replica alike: to take them all away would help nobody.
        Raises ValueError for a name taken twice.
        """
        _refuse_twice(name, self._warnings)
        self._warnings[name] = check

    def pulse(self, name: str, longest_silence: float) -> Pulse:
        """Make liveness depend on a loop that beats at least every so many seconds.

        Raises ValueError for a name taken twice.
        """
        _refuse_twice(name, self._pulses)
        self._pulses[name] = Pulse(longest_silence, self._monotonic)
        return self._pulses[name]

    def started(self) -> None:
        """Everything has been set up once."""
        self._started = True

    def drain(self) -> None:
        """No new work from now on."""
        self._draining = True

    @property
    def draining(self) -> bool:
        """Whether the process is being stopped: what would go on for long had better end."""
        return self._draining

    def live(self) -> Report:
        """Whether every loop goes round. An answer at all shows that the event loop does."""
        return Report(
            {
                name: f"This loop has not gone round for {pulse.silence:.0f} s, longer than "
                f"{pulse.longest_silence:.0f} s. Restart the process and keep its log."
                for name, pulse in self._pulses.items()
                if pulse.silence > pulse.longest_silence
            }
        )

    def startup(self) -> Report:
        """Whether everything has been set up once."""
        return Report({} if self._started else {"startup": STARTING})

    async def ready(self) -> Report:
        """Whether requests should come here."""
        failed, warnings = await asyncio.gather(_failed(self._checks), _failed(self._warnings))
        if self._draining:
            failed["draining"] = DRAINING
        return Report({**self.startup().failed, **failed}, warnings)


def answering(ping: Callable[[], Awaitable[object]], remedy: str) -> Check:
    """A check that fails with `remedy` when a ping raises."""

    async def check() -> str | None:
        try:
            await ping()
        except Exception as error:
            return f"{type(error).__name__}: {remedy}"
        return None

    return check


async def _failed(checks: Mapping[str, Check]) -> dict[str, str]:
    answers = await asyncio.gather(*map(_answer, checks.values()))
    return {name: answer for name, answer in zip(checks, answers, strict=True) if answer}


async def _answer(check: Check) -> str | None:
    try:
        return await asyncio.wait_for(check(), CHECK_SECONDS)
    except TimeoutError:
        return f"No answer within {CHECK_SECONDS:.0f} s. See whether what it asks is overloaded."
    except Exception as error:
        # An error's text may quote anything, so only its kind is shown.
        return f"The check itself failed with {type(error).__name__}. Read the log."


def _cached(check: Check, seconds: float, monotonic: Monotonic) -> Check:
    asked_at, answer = float("-inf"), None

    async def kept() -> str | None:
        nonlocal asked_at, answer
        if monotonic() - asked_at >= seconds:
            answer = await _answer(check)
            asked_at = monotonic()
        return answer

    return kept


def _refuse_twice(name: str, taken: object) -> None:
    if isinstance(taken, dict) and name in taken:
        raise ValueError(f"{name!r} is reported on already. Put the service's name in front.")
