"""Which passwords are accepted: long enough, and not among the first that anybody would try."""

import re
import unicodedata
from collections.abc import Iterable, Set

from chassis.decider import Invalid
from schemas.said import said

SHORTEST, LONGEST = 8, 128
SHORTEST_WORD = 4
PRODUCT = "switchboard"


def canonical(password: str) -> str:
    """The same password however a keyboard composes its characters."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, common: Set[str], *texts: str, field: str = "password") -> None:
    """Eight to 128 characters of any kind, none of the common ones, more than words of `texts`.

    Raises `Invalid`.
    """
    folded = canonical(password).casefold()
    if not SHORTEST <= len(canonical(password)) <= LONGEST:
        raise Invalid(
            field,
            said(
                "Choose a password of %(least)s to %(most)s characters.",
                least=SHORTEST,
                most=LONGEST,
            ),
        )
    if folded in common:
        raise Invalid(field, "Many people use this password. Choose another, a few words long.")
    rest = folded
    for word in _words(texts):
        rest = rest.replace(word, "")
    if len(rest) < SHORTEST:
        raise Invalid(
            field, "Whoever knows you can guess this password. Add words that are not names."
        )


def _words(texts: Iterable[str]) -> list[str]:
    """Names that stand near a password: of the organization, its domain, the user, the product."""
    folded = [canonical(text).casefold() for text in (*texts, PRODUCT)]
    words = {part for text in folded for part in re.split(r"[\W_]+", text)}
    words |= {re.sub(r"[\W_]+", "", text) for text in folded}
    return sorted((one for one in words if len(one) >= SHORTEST_WORD), key=len, reverse=True)
