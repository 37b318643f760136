"""Every service does what its OpenAPI document says, whatever is sent to it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from switchboard.demo.client import Client
from tests.e2e.product import Product

ROOT = Path(__file__).parents[2]
SERVICES = ("provisioning", "activation", "notifier", "sessions")
SHORT = ("--max-examples", "2", "--phases", "examples,coverage", "--generation-deterministic")
"""What the document itself says should and should not be sent: the same every time."""

LONG = ("--max-examples", "100")
TELLING = 6000

NOT_HELD = "positive_data_acceptance"
"""Rules refuse what no schema can: a second use of a name, a password that is not needed."""
ENDS_THE_OWN_SESSION = ("/api/v1/sign-out", "/api/v1/sessions/{session_id}")


def fuzz(product: Product, service: str, token: str, *options: str) -> str:
    """What schemathesis finds, empty if nothing."""
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run"),
        *(f"{product.url}/{service}/openapi.json", "--continue-on-failure"),
        *("--header", f"Authorization: Bearer {token}", *options),
        *("--exclude-checks", NOT_HELD, "--no-color", "--warnings", "off"),
        *(one for path in ENDS_THE_OWN_SESSION for one in ("--exclude-path", path)),
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.e2e.fuzzing", "PYTHONPATH": str(ROOT)}
    environment = {**os.environ, **hooks, "PYTHONWARNINGS": "default"}
    # It leaves a folder of notes where it runs.
    ran = subprocess.run(
        command, env=environment, cwd=product.data, capture_output=True, text=True, check=False
    )
    return "" if ran.returncode == 0 else ran.stdout[-TELLING:] + ran.stderr[-TELLING:]


async def check(product: Product, service: str, *options: str) -> None:
    async with product.administrator() as client:
        if found := fuzz(product, service, token_of(client), *options):
            pytest.fail(found)
        # Signed out on the way, everything would have been an expected 401.
        await client.read("/api/v1/session")
    assert "request_failed" not in product.log.read_text(errors="replace")


def token_of(client: Client) -> str:
    assert client._token
    return client._token


@pytest.mark.slow
@pytest.mark.parametrize("service", SERVICES)
async def test_it_does_what_its_description_says(product: Product, service: str) -> None:
    await check(product, service, *SHORT)


@pytest.mark.nightly
@pytest.mark.parametrize("service", SERVICES)
async def test_it_does_what_its_description_says_at_length(product: Product, service: str) -> None:
    await check(product, service, *LONG)
