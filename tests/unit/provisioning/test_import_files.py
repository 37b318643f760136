"""The CSV format of imports: what spreadsheets write is read, and what they would run is not."""

import pytest

from chassis.decider import Invalid
from services.provisioning.importing.file import LONGEST_CELL, Line, harmless, read


def messy(rows: int) -> bytes:
    """As a spreadsheet in Germany writes it: with a mark, semicolons, CRLF, quotes, blank lines."""
    header = '\ufeffFirst_Name ; last_name;"email_work";device_name;sip_username\r\n'
    line = '"Jörg ""Joe"""; Müller-Lüdenscheidt ;"j{0}@example.com";" Laptop; blue ";{0}\r\n'
    return (header + "".join(line.format(n) + "\r\n" * (n % 2) for n in range(rows))).encode()


def test_ten_thousand_messy_rows_are_read() -> None:
    lines = read(messy(10_000))
    assert len(lines) == 10_000
    assert lines[-1] == Line(
        10_000,
        {
            "first_name": 'Jörg "Joe"',
            "last_name": "Müller-Lüdenscheidt",
            "email_work": "j9999@example.com",
            "device_name": "Laptop; blue",
            "sip_username": "9999",
        },
    )


def test_one_row_more_than_ten_thousand_is_too_many() -> None:
    with pytest.raises(Invalid, match="10000 rows at most"):
        read(messy(10_001))


def test_the_line_that_excel_writes_about_the_delimiter_is_no_row() -> None:
    assert len(read(b"sep=;\r\nfirst_name;last_name\r\nAda;Lovelace\r\n")) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        messy(2).decode("utf-8-sig").encode("utf-16"),
        b"first_name\nAda\n",
        b"first_name,last_name\n",
        b'a,"b\n',
        b"first_name,last_name,age\nA,B,3\n",
        b"first_name,last_name,first_name\nA,B,C\n",
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read(content)
    assert [error["field"] for error in refused.value.details["errors"]] == ["file"]


def test_a_cell_that_no_column_could_hold_is_named() -> None:
    file = "first_name,last_name\nAda,Lovelace\nAda,{}\n"
    assert len(read(file.format("x" * LONGEST_CELL).encode())) == 2
    with pytest.raises(Invalid, match="row 2, column last_name"):
        read(file.format("x" * (LONGEST_CELL + 1)).encode())


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx"])
def test_a_cell_is_never_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless("plain") == "plain"
