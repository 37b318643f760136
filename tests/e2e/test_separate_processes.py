"""Each service in processes of its own, as on Kubernetes: one to answer, one to work."""

from pathlib import Path

from switchboard.demo.client import Client
from tests.e2e.separate import installation
from tests.patient import http_to

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
        async with http_to(sessions.url) as http:
            client = Client(http)
            await client.command("/api/v1/organizations", REGISTRATION)
            await client.sign_in("ada@example.com", "correct horse battery")
        async with http_to(provisioning.url) as http:
            providers = await Client(http, client._token, client._position).read(
                "/api/v1/providers"
            )
        async with http_to(worker.url) as http:
            refused = await http.get("/api/v1/providers")
    assert [provider["is_default"] for provider in providers["items"]] == [True]
    assert refused.status_code == 404


async def test_two_replicas_of_the_portal_know_the_same_browser(tmp_path: Path) -> None:
    async with installation(tmp_path, *SERVICES) as here:
        sessions, provisioning = (here.process("serve", name) for name in SERVICES)
        for name in SERVICES:
            here.process("work", name)
        here.settings["PORTAL_SESSIONS_URL"] = sessions.url
        here.settings["PORTAL_PROVISIONING_URL"] = provisioning.url
        first, second = (here.process("serve", "portal") for _ in range(2))
        await here.all_ready()
        async with http_to(sessions.url) as http:
            await Client(http).command("/api/v1/organizations", REGISTRATION)
        browser = await _signed_in(first.url)
        async with http_to(second.url) as http:
            home = await http.get("/home", headers=browser)
            nobody = await http.get("/home", headers={"Accept": "text/html"})
            metrics = await http.get("/metrics")
    assert home.status_code == 200
    assert "ada@example.com" in home.text
    assert nobody.headers["location"] == "/sign-in?to=%2Fhome"
    assert 'service="portal"' in metrics.text


async def _signed_in(url: str) -> dict[str, str]:
    """The headers of a browser after the form. Over plain HTTP, httpx would keep no cookie."""
    async with http_to(url) as http:
        page = await http.get("/sign-in", headers={"Accept": "text/html"})
        machine = page.headers["set-cookie"].partition(";")[0]
        token = page.text.split('name="_token" value="')[1].partition('"')[0]
        who = {"user_id": "ada@example.com", "password": "correct horse battery"}
        answer = await http.post("/sign-in", data={"_token": token, **who}, headers=_as(machine))
    assert answer.status_code == 303, answer.text
    given = [one.partition(";")[0] for one in answer.headers.get_list("set-cookie")]
    return _as(machine, *given)


def _as(*cookies: str) -> dict[str, str]:
    return {"Cookie": "; ".join(cookies), "Accept": "text/html"}
