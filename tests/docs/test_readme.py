"""The commands of the README are run against a running product, and do what it says."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from switchboard.catalogue import BLUEPRINTS
from switchboard.routes_page import service_routes
from tests.docs.repository import fences, section, text
from tests.e2e.product import Product, running
from tests.patient import http_to

SECONDS = 180
SHOWN = "localhost:8080"
PEOPLE = 3


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with running(tmp_path_factory.mktemp("readme") / "var") as started:
        yield started


async def run(product: Product, *command: str) -> str:
    """What a command writes, run beside the data folder as a reader of the README would."""
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=product.data.parent,
        env={**os.environ, **product.environment, "PATH": programs},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 0, f"{errors.decode()}\n{output.decode()}"
    return output.decode()


async def test_the_calls_by_hand_end_with_the_configuration_that_is_shown(
    product: Product,
) -> None:
    by_hand = "\n".join(fences(section("README.md", "The same by hand"), "sh"))
    local = by_hand.replace(SHOWN, f"127.0.0.1:{product.port}")
    assert local != by_hand
    output = await run(product, "bash", "-eu", "-c", local)
    answer = json.loads(output[output.index("\n{\n") :])
    (shown,) = fences(text("README.md"), "json")
    assert answer["configuration"]["accounts"][0] == json.loads(shown)
    assert answer["configuration_url"].endswith(answer["device_token"])


async def test_the_demo_ends_with_a_mail_to_read(product: Product) -> None:
    output = await run(product, "switchboard", "demo")
    found = re.search(r"/dev/mailbox/(\S+)", output)
    assert found
    async with http_to(product.url) as http:
        assert (await http.get(f"/dev/mailbox/{found[1]}")).status_code == 200


async def test_the_first_people_of_the_example_are_set_up(product: Product) -> None:
    (command,) = (line for line in _commands() if "--csv" in line)
    program, *arguments = command.split()
    example = product.data.parent / arguments[-1]
    example.parent.mkdir()
    example.write_text("\n".join(text(arguments[-1]).splitlines()[: PEOPLE + 1]))
    output = await run(product, Path(program).name, *arguments)
    assert f"{PEOPLE} set up and mailed, 0 refused" in output


def test_the_example_has_as_many_people_as_the_readme_says() -> None:
    assert f"{len(text('examples/people.csv').splitlines()) - 1} people" in text("README.md")


async def test_every_address_that_is_shown_answers(product: Product) -> None:
    shown = set(re.findall(rf"<http://{SHOWN}(/[^>]+)>", text("README.md")))
    docs = {f"/{service}/docs" for service in BLUEPRINTS}
    assert shown & docs
    async with http_to(product.url) as http:
        for path in shown | docs:
            assert (await http.get(path, headers={"Accept": "text/html"})).status_code == 200, path


@pytest.mark.parametrize("service", BLUEPRINTS)
async def test_the_page_of_routes_says_what_the_product_answers(
    service: str, product: Product
) -> None:
    async with http_to(product.url) as http:
        document = (await http.get(f"/{service}/openapi.json")).json()
    served = {(m.upper(), path) for path, item in document["paths"].items() for m in item}
    assert served == {(route.method, route.path) for route in service_routes(service)}


def test_make_starts_what_the_readme_says() -> None:
    recipes = dict(re.findall(r"^(\w+):.*\n\t@?\$\(BIN\)/(.+)$", text("Makefile"), re.MULTILINE))
    assert (recipes["run"], recipes["demo"]) == ("switchboard up", "switchboard demo")
    assert {"make run", "make demo"} <= set(_commands())


def _commands() -> list[str]:
    return [line for block in fences(text("README.md"), "sh") for line in block.splitlines()]
