"""A server that speaks MongoDB's protocol, and databases in it for one measurement each."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient

from bench.measuring import NotHere
from chassis.testing.mongo import mongo_server


class Databases:
    """Names of new databases in one server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._run = uuid4().hex[:8]
        self._given: list[str] = []

    def new(self, name: str) -> str:
        """A database that nobody has used."""
        self._given.append(f"bench_{self._run}_{name}_{len(self._given)}")
        return self._given[-1]

    def drop(self) -> None:
        """Delete all that were given."""
        with MongoClient[dict[str, Any]](self.url) as client:
            for name in self._given:
                client.drop_database(name)


@contextmanager
def mongo_databases() -> Iterator[Databases]:
    """A server with room, which `TEST_MONGO_URL` may name. Raises `NotHere`."""
    try:
        with mongo_server() as url:
            databases = Databases(url)
            yield databases
            databases.drop()
    except pytest.skip.Exception as why:
        raise NotHere(str(why)) from None
