"""A server that speaks MongoDB's protocol and has nothing of the product in it yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient

from chassis.testing.mongo import mongo_server


@contextmanager
def fresh_mongo() -> Iterator[str]:
    """Its URL. One that `TEST_MONGO_URL` names outlives a test: what was left there goes."""
    with mongo_server() as url:
        wipe(url)
        yield url
        wipe(url)


def wipe(url: str) -> None:
    """Delete the product's databases."""
    with MongoClient[dict[str, Any]](url) as client:
        for name in databases(client):
            client.drop_database(name)


def databases(client: MongoClient[dict[str, Any]]) -> list[str]:
    """The product's databases, one per service."""
    return sorted(n for n in client.list_database_names() if n.startswith("switchboard_"))
