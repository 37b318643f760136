"""Codes: what people may type, and that no two devices come to share one."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from chassis.keyring import Keyring
from services.activation.codes import Codes
from services.activation.domain.code import ALPHABET, LENGTH, from_digest, shown, typed

codes = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)
noise = st.text(
    "- \t\n\N{NO-BREAK SPACE}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}\N{ZERO WIDTH SPACE}", max_size=3
)


@given(
    codes,
    st.lists(noise, min_size=LENGTH, max_size=LENGTH),
    st.lists(st.booleans(), min_size=LENGTH),
)
def test_case_blanks_and_dashes_do_not_matter(
    code: str, between: list[str], lowered: list[bool]
) -> None:
    letters = (one.lower() if low else one for one, low in zip(code, lowered, strict=False))
    assert typed("".join(a + b for a, b in zip(between, letters, strict=True))) == code


@given(codes)
def test_a_code_as_shown_is_understood(code: str) -> None:
    assert typed(shown(code)) == code


@given(st.text())
def test_whatever_is_typed_is_a_code_or_none(text: str) -> None:
    code = typed(text)
    assert code is None or (len(code) == LENGTH and set(code) <= set(ALPHABET))


def test_other_letters_digits_and_lengths_are_no_code() -> None:
    good = "BCDFGHJKLMNP"
    wrong = [
        good[:-1],
        good + "B",
        good[:-1] + "A",
        good[:-1] + "0",
        good[:-1] + "\0",
        "",
        "-" * 12,
    ]
    lookalikes = [
        good[:-1] + "\N{LATIN SMALL LETTER LONG S}",
        good[:-2] + "\N{LATIN SMALL LIGATURE ST}",
    ]
    assert [typed(text) for text in wrong + lookalikes] == [None] * 9


def test_a_megabyte_is_no_code() -> None:
    assert typed("BCDFGHJKLMNP" + " " * 1_000_000) is None


def test_a_code_is_shown_in_groups_of_four() -> None:
    assert shown("BCDFGHJKLMNP") == "BCDF-GHJK-LMNP"


def test_every_letter_of_the_alphabet_is_as_likely_in_every_place() -> None:
    drawn = [from_digest(sha256(str(n).encode()).digest()) for n in range(20_000)]
    for place in range(LENGTH):
        counts = [sum(code[place] == letter for code in drawn) for letter in ALPHABET]
        # 1000 are expected of each; five standard deviations are 154.
        assert max(abs(count - 1000) for count in counts) < 155


def test_a47_a_hundred_thousand_devices_have_as_many_codes() -> None:
    derive = Codes(Keyring.fresh())
    ring = derive.keyring.current
    assert len({derive.derived(f"device-{n}", 1, ring) for n in range(100_000)}) == 100_000


def test_a_device_has_the_same_code_again_but_another_in_the_next_generation() -> None:
    derive = Codes(Keyring.fresh())
    first = derive.derived("d1", 1, derive.keyring.current)
    assert derive.derived("d1", 1, derive.keyring.current) == first
    assert derive.derived("d1", 2, derive.keyring.current) != first
    assert derive.derived("d2", 1, derive.keyring.current) != first


def test_another_installation_has_other_codes_and_fingerprints() -> None:
    ours, theirs = Codes(Keyring.fresh()), Codes(Keyring.fresh())
    assert ours.derived("d1", 1, ours.keyring.current) != theirs.derived(
        "d1", 1, theirs.keyring.current
    )
    assert ours.fingerprints("BCDFGHJKLMNP") != theirs.fingerprints("BCDFGHJKLMNP")


def test_what_is_minted_is_found_by_the_code_that_is_shown() -> None:
    derive = Codes(Keyring.fresh())
    minted = derive.minting("d1")(3)
    assert minted.fingerprint in derive.fingerprints(derive.derived("d1", 3, minted.key_id))
