"""Planted secrets are looked for in everything the product leaves behind."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

from switchboard.demo.story import mailed_code
from tests.e2e.product import GREETING, running
from tests.patient import http_to

SIP_PASSWORD = "planted-Sip+password/4711"
ALLOWED = ("mailbox", "demo.json", "keys", GREETING)


async def test_i14_no_secret_is_found_in_log_files_read_models_logs_or_metrics(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "data") as product:
        async with product.administrator() as client:
            provider = await client.command(
                "/api/v1/providers", {"name": "Telecom", "sip_server": "sip.telecom.example"}
            )
            accounts = f"/api/v1/providers/{provider['id']}/sip-accounts"
            account_body = {
                "friendly_name": "Desk",
                "username": "1001",
                "protocol": "udp",
                "password": SIP_PASSWORD,
            }
            account = await client.command(accounts, account_body, once="account")
            contact = await client.command(
                "/api/v1/contacts",
                {
                    "first_name": "Ada",
                    "last_name": "Lovelace",
                    "emails": [{"address": "ada@demo.example", "label": "work"}],
                },
            )
            device = await client.command(
                f"/api/v1/contacts/{contact['id']}/devices",
                {"name": "Laptop", "sip_account_ids": [account["id"]]},
            )
            path = f"/api/v1/activations/{device['id']}"
            code = (await client.read(path))["code"]
            await client.command(f"{path}/instructions", {})
            await mailed_code(client, code)
            exchanged = await client.command(
                "/api/v1/activate", {"code": code, "installation_id": "i"}
            )
            secrets = [SIP_PASSWORD, code, exchanged["device_token"], client._token or ""]
        metrics = await _public_pages(product.url)
        product.stop()
        demo_password = _demo_password(product.data)
        found = [
            (name, place)
            for secret in [*secrets, demo_password]
            for name, shape in _shapes(secret).items()
            for place, content in [*_files(product.data), ("metrics", metrics)]
            if shape in content
        ]
    assert found == []


def _shapes(secret: str) -> dict[str, bytes]:
    raw = secret.encode()
    bare = secret.replace("-", "")
    return {
        "plain": raw,
        "without dashes": bare.encode(),
        "lower case": secret.lower().encode(),
        "base64": base64.b64encode(raw).rstrip(b"=")[:-1],
        "hex": raw.hex().encode(),
        "url": quote(secret, safe="").encode(),
        "reversed": raw[::-1],
    }


def _files(data: Path) -> list[tuple[str, bytes]]:
    files = [
        (str(path.relative_to(data)), path.read_bytes())
        for path in data.rglob("*")
        if path.is_file() and not any(part in ALLOWED for part in path.parts)
    ]
    names = [name for name, _ in files]
    assert any(name.endswith(".blk") for name in names), "the broker's files were not searched"
    assert any(name.endswith(".sqlite") for name in names), "the read models were not searched"
    assert "product.log" in names
    return files


async def _public_pages(url: str) -> bytes:
    async with http_to(url) as http:
        pages = [
            await http.get(path)
            for path in ("/metrics", "/readyz", "/activation/openapi.json", "/activation/docs")
        ]
    assert all(page.status_code == 200 for page in pages)
    return b"\n".join(page.content for page in pages)


def _demo_password(data: Path) -> str:
    return str(json.loads((data / "demo.json").read_text())["password"])
