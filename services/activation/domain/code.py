"""Activation codes: twelve letters that are easily typed and spell no word."""

import unicodedata

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""The letters of RFC 8628: no vowels, and nothing that looks like a digit."""

LENGTH = 12
_GROUP = 4
_LONGEST_TYPED = 100
_LETTERS = frozenset(ALPHABET + ALPHABET.lower())
_IGNORED_CATEGORIES = frozenset({"Cf", "Pd", "Zs"})
_IGNORED = frozenset("\t\r\n\N{MINUS SIGN}")


def from_digest(digest: bytes) -> str:
    """The code that 32 random-looking bytes stand for, as good as equally likely each."""
    # 2^256 is not a multiple of 20^12, but favours no code by more than one part in 2^204.
    number = int.from_bytes(digest)
    letters = []
    for _ in range(LENGTH):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "".join(letters)


def shown(code: str) -> str:
    """A code in groups of four, as people read it."""
    return "-".join(code[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def typed(text: str) -> str | None:
    """The code somebody meant, whatever the case, blanks and dashes; None if it cannot be one."""
    if len(text) > _LONGEST_TYPED:
        return None
    letters = [character for character in text if not _ignored(character)]
    if len(letters) != LENGTH or not _LETTERS.issuperset(letters):
        return None
    return "".join(letters).upper()


def _ignored(character: str) -> bool:
    return character in _IGNORED or unicodedata.category(character) in _IGNORED_CATEGORIES
