"""What dialing rules make of a number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.provisioning import DialingRule


@dataclass(frozen=True, slots=True)
class Dialed:
    """The number that is called, and the place of the rule that made it (None: none matched)."""

    number: str
    rule: int | None


def dial(rules: Sequence[DialingRule], number: str) -> Dialed:
    """Apply the first rule whose prefix the number has; the others are left alone."""
    for place, rule in enumerate(rules):
        if number.startswith(rule.match):
            return Dialed(rule.add + number[rule.strip :], place)
    return Dialed(number, None)


def rule_warnings(rules: Sequence[DialingRule]) -> Iterator[str]:
    """Rules that will never do anything, because an earlier one matches all they match."""
    for place, rule in enumerate(rules):
        if any(rule.match.startswith(earlier.match) for earlier in rules[:place]):
            yield (
                f"Dialing rule {place + 1} is never reached: an earlier rule matches every such "
                "number. Move it up."
            )
