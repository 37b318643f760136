"""A person is erased while the product runs, and looked for in everything it leaves behind."""

import asyncio
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from switchboard.demo.client import Client, Json
from tests.e2e.broker import settled
from tests.e2e.mongo import databases, fresh_mongo
from tests.e2e.product import GREETING, Product, running

FIRST, LAST, ADDRESS = "Zéphyrine", "Quatrebarbes", "zephyrine@quatrebarbes.example"
OTHER = "Bystander"
KEPT_ON_PURPOSE = ("mailbox", GREETING)
PATIENCE_SECONDS = 90


@dataclass
class Documents:
    """Where read models are kept, and what stands there that is in no file of ours."""

    url: str

    def documents(self) -> dict[str, list[Any]]:
        if self.url == "sqlite":
            return {}
        with MongoClient[dict[str, Any]](self.url) as client:
            return {
                f"{name} {collection}": list(client[name][collection].find())
                for name in databases(client)
                for collection in client[name].list_collection_names()
            }


@pytest.fixture(params=["sqlite", "mongodb"])
def store(request: pytest.FixtureRequest) -> Iterator[Documents]:
    with fresh_mongo() if request.param == "mongodb" else _no_server() as url:
        yield Documents(url)


@contextmanager
def _no_server() -> Iterator[str]:
    yield "sqlite"


async def test_d7_an_erased_person_is_in_no_store_and_the_rest_is_untouched(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as product:
        async with product.administrator() as client:
            contact = await _person(client, FIRST, LAST, ADDRESS)
            other = await _person(client, "Otto", OTHER, "otto@bystander.example")
            await client.change(f"/api/v1/contacts/{contact['id']}", {"language": "fr"})
            device = await _device(client, contact)
            activation = f"/api/v1/activations/{device['id']}"
            await client.read(activation)
            await client.command(f"{activation}/instructions", {})
            await client.upload("/api/v1/imports", _rows())
            found = await _found(client, 2)
        product.stop()
        assert _places(product, LAST), "the search would not notice anything"
        await product.start()
        async with product.administrator() as client:
            for one in found:
                await client.command(f"/api/v1/contacts/{one['id']}/erase", {})
            await _found(client, 0)
            left = [c["id"] for c in (await client.read("/api/v1/contacts"))["items"]]
            assert left == [other["id"]]
        await settled(product)
        product.stop()
        for text in (FIRST, LAST, ADDRESS):
            assert _places(product, text) == []
        assert _places(product, OTHER)
        await product.start()
        async with product.administrator() as client:
            shown = await client.read(f"/api/v1/contacts/{other['id']}")
            assert shown["last_name"] == OTHER, "the log with its gaps is still read"


async def test_d7_an_erased_person_is_gone_while_the_product_runs_on(
    tmp_path: Path, store: Documents
) -> None:
    async with running(tmp_path / "data", store.url) as product:
        async with product.administrator() as client:
            contact = await _person(client, FIRST, LAST, ADDRESS)
            await client.change(f"/api/v1/contacts/{contact['id']}", {"language": "fr"})
            device = await _device(client, contact)
            await client.read(f"/api/v1/activations/{device['id']}")
            await client.command(f"/api/v1/activations/{device['id']}/instructions", {})
            refused = b"first_name,last_name,email_work,language\nA,B,a@example.com,xx\n"
            await client.upload("/api/v1/imports", refused)
            await client.upload("/api/v1/imports", _rows())
            found = await _found(client, 2)
            assert _everywhere(product, store, LAST), "the search would not notice anything"
            for one in found:
                await client.command(f"/api/v1/contacts/{one['id']}/erase", {})
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        left = {LAST: ["unknown"]}
        while any(left.values()) and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.5)
            left = {text: _everywhere(product, store, text) for text in (FIRST, LAST, ADDRESS)}
        assert left == {FIRST: [], LAST: [], ADDRESS: []}


def _everywhere(product: Product, store: Documents, text: str) -> list[str]:
    documents = [name for name, kept in store.documents().items() if _shown(text, repr(kept))]
    return [*_places(product, text), *documents]


def _shown(text: str, kept: str) -> bool:
    return any(shape.decode() in kept for shape in _shapes(text))


async def _person(client: Client, first: str, last: str, address: str) -> Json:
    emails = [{"address": address, "label": "work"}]
    body = {"first_name": first, "last_name": last, "emails": emails}
    return await client.command("/api/v1/contacts", body)


async def _device(client: Client, contact: Json) -> Json:
    (provider,) = (await client.read("/api/v1/providers"))["items"]
    account = await client.command(
        f"/api/v1/providers/{provider['id']}/sip-accounts",
        {"friendly_name": "Desk", "username": "1001", "protocol": "udp", "password": "secret"},
    )
    body = {"name": "Laptop", "sip_account_ids": [account["id"]]}
    return await client.command(f"/api/v1/contacts/{contact['id']}/devices", body)


def _rows() -> bytes:
    header = "first_name,last_name,email_work,device_name,sip_username"
    return f"{header}\n{FIRST}2,{LAST},2{ADDRESS},Tablet,1002\n".encode()


async def _found(client: Client, count: int) -> list[Json]:
    """Who the search finds, once they are so many: imports and erasures take a moment."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        found = (await client.read("/api/v1/contacts?q=quatreb"))["items"]
        if len(found) == count:
            return list(found)
        assert asyncio.get_running_loop().time() < deadline, found
        await asyncio.sleep(0.1)


def _shapes(text: str) -> set[bytes]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return {
        form.encode()
        for one in (text, plain)
        for form in (
            one,
            one.lower(),
            one.upper(),
            one.encode("ascii", "backslashreplace").decode(),
        )
    }


def _places(product: Product, text: str) -> list[str]:
    shapes = _shapes(text)
    return [
        str(path.relative_to(product.data))
        for path in product.data.rglob("*")
        if path.is_file()
        and not any(part in KEPT_ON_PURPOSE for part in path.parts)
        and any(shape in path.read_bytes() for shape in shapes)
    ]
