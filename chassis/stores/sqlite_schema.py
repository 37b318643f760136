"""The tables and statements of read models in SQLite."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from chassis.read_models import Index, ReadModel
from chassis.stores.listing import Listing
from chassis.stores.sorting import Scalar, kinds

BOOKKEEPING = (
    """CREATE TABLE IF NOT EXISTS live (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        version INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS plan (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        version INTEGER NOT NULL,
        ready INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS read_model (
        version INTEGER,
        name TEXT,
        shape TEXT NOT NULL,
        PRIMARY KEY (version, name)
    ) WITHOUT ROWID, STRICT""",
    """CREATE TABLE IF NOT EXISTS checkpoint (
        version INTEGER,
        projector TEXT,
        stream TEXT,
        incarnation TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        PRIMARY KEY (version, projector, stream)
    ) WITHOUT ROWID, STRICT""",
)

ADVANCE = """
    INSERT INTO checkpoint (version, projector, stream, incarnation, sequence)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence)"""

SQL_TYPES = {str: "TEXT", int: "INTEGER"}


def table_name(model: str, version: int) -> str:
    """The quoted name of the table that keeps one read model in one version."""
    return f'"{model}.{version}"'


@dataclass(frozen=True)
class Table:
    """One read model in one version.

    Statements take, in this order: sort values by attribute name, positions, body, organization,
    key, and `update` the positions before.
    """

    model: ReadModel[Any]
    version: int

    @cached_property
    def name(self) -> str:
        """As it stands in statements."""
        return table_name(self.model.name, self.version)

    @cached_property
    def kinds(self) -> Mapping[str, type]:
        """Each attribute to sort by has a column: a list on values inside the body cannot seek."""
        return kinds(self.model)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of these attributes."""
        return tuple(map(_column, self.kinds))

    @property
    def definition(self) -> str:
        """Creates the table where it is missing."""
        sorting = (f"{_column(name)} {SQL_TYPES[kind]}" for name, kind in self.kinds.items())
        # The key comes first: else SQLite 3.40 takes other columns for it when it checks a file.
        columns = ", ".join(
            ("organization TEXT", "key TEXT", *sorting, "positions TEXT NOT NULL", "body TEXT")
        )
        return (
            f"CREATE TABLE IF NOT EXISTS {self.name} "
            f"({columns}, PRIMARY KEY (organization, key)) WITHOUT ROWID, STRICT"
        )

    def indexes(self) -> Iterator[str]:
        """Each statement creates an index where it is missing."""
        # The primary key serves a list by key alone.
        yield from (self._index(index) for index in self.model.indexes if index.fields)

    def _index(self, index: Index) -> str:
        name = f'"{self.model.name}.{self.version}.{index.name}"'
        columns = ", ".join(("organization", *map(_column, index.fields), "key"))
        return (
            f"CREATE INDEX IF NOT EXISTS {name} ON {self.name} ({columns}) WHERE body IS NOT NULL"
        )

    @cached_property
    def insert(self) -> str:
        """Writes a document that was not there."""
        columns = (*self.columns, "positions", "body", "organization", "key")
        places = ", ".join("?" * len(columns))
        return (
            f"INSERT INTO {self.name} ({', '.join(columns)}) "  # noqa: S608  # made of identifiers
            f"VALUES ({places}) ON CONFLICT DO NOTHING"
        )

    @cached_property
    def update(self) -> str:
        """Writes a document that still stands at the given positions."""
        places = ", ".join(f"{column} = ?" for column in (*self.columns, "positions", "body"))
        return (
            f"UPDATE {self.name} SET {places} "  # noqa: S608  # made of identifiers
            "WHERE organization = ? AND key = ? AND positions = ?"
        )

    @cached_property
    def get(self) -> str:
        """Body and positions under an organization and key."""
        return (
            f"SELECT body, positions FROM {self.name} "  # noqa: S608  # made of identifiers
            "WHERE organization = ? AND key = ?"
        )

    @cached_property
    def scan(self) -> str:
        """Everything behind an organization and key, which are empty to begin with."""
        return (
            f"SELECT organization, key, positions, body FROM {self.name} "  # noqa: S608  # made of identifiers
            "WHERE (organization, key) > (?, ?) ORDER BY organization, key LIMIT ?"
        )

    def find(self, listing: Listing, limit: int) -> tuple[str, list[Scalar]]:
        """A statement for the rows of a list (order values, key, body), and its parameters."""
        terms, parameters = _terms(listing)
        order = (*map(_column, listing.order), "key")
        direction = " DESC" if listing.descending else ""
        statement = (
            f"SELECT {', '.join(order)}, body FROM {self.name} "  # noqa: S608  # made of identifiers
            f"WHERE body IS NOT NULL AND {' AND '.join(terms)} "
            f"ORDER BY {', '.join(column + direction for column in order)} LIMIT ?"
        )
        return statement, [*parameters, limit]


table = cache(Table)


def _terms(listing: Listing) -> tuple[list[str], list[Scalar]]:
    terms = ["organization = ?"]
    parameters: list[Scalar] = [listing.organization]
    for name, value in listing.equals:
        terms.append(f"{_column(name)} = ?")
        parameters.append(value)
    # A bound behind the cursor is left out: the planner would seek to it instead of the cursor.
    passed = None if listing.after is None else "<" if listing.descending else ">="
    for comparison, bound in ((">=", listing.low), ("<", listing.high)):
        if bound is not None and comparison != passed:
            terms.append(f"{_column(listing.order[0])} {comparison} ?")
            parameters.append(bound)
    if listing.after is not None:
        columns = ", ".join((*map(_column, listing.order), "key"))
        places = ", ".join("?" * len(listing.after))
        terms.append(f"({columns}) {'<' if listing.descending else '>'} ({places})")
        parameters.extend(listing.after)
    return terms, parameters


def _column(attribute: str) -> str:
    return f"by_{attribute}"
