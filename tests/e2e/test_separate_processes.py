"""Each service in processes of its own, as on Kubernetes: one to answer, one to work."""

import os
from pathlib import Path

import httpx

from switchboard.demo.client import Client
from tests.e2e.separate import Process, installation

SERVICES = ("sessions", "provisioning")
REGISTRATION = {
    "name": "Example",
    "domain": "example.com",
    "administrator": {
        "user_id": "ada",
        "password": "correct horse battery",
        "first_name": "Ada",
        "last_name": "Lovelace",
    },
}


async def test_services_on_their_own_find_each_other_through_the_log_alone(tmp_path: Path) -> None:
    async with installation(tmp_path, *SERVICES) as here:
        sessions, provisioning = (here.process("serve", name) for name in SERVICES)
        _, worker = (here.process("work", name) for name in SERVICES)
        await here.all_ready()
        async with httpx.AsyncClient(base_url=sessions.url) as http:
            client = Client(http)
            await client.command("/api/v1/organizations", REGISTRATION)
            await client.sign_in("ada@example.com", "correct horse battery")
        async with httpx.AsyncClient(base_url=provisioning.url) as http:
            providers = await Client(http, client._token, client._position).read(
                "/api/v1/providers"
            )
        async with httpx.AsyncClient(base_url=worker.url) as http:
            refused = await http.get("/api/v1/providers")
    assert [provider["is_default"] for provider in providers["items"]] == [True]
    assert refused.status_code == 404


async def test_the_portal_needs_nothing_but_a_port(tmp_path: Path) -> None:
    portal = Process(("serve", "portal"), {**os.environ, "SWITCHBOARD_DATA": str(tmp_path)})
    portal.start()
    try:
        await portal.ready()
        async with httpx.AsyncClient(base_url=portal.url) as http:
            page, metrics = await http.get("/activate"), await http.get("/metrics")
    finally:
        portal.stop()
    assert page.status_code == 200
    assert 'service="portal"' in metrics.text
    assert _content(tmp_path) == []


def _content(folder: Path) -> list[Path]:
    return list(folder.iterdir())
