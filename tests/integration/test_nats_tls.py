"""A NATS server with a certificate of one's own authority, as `components/nats-tls` has it."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from chassis.jetstream import nkeys
from chassis.jetstream.accounts import generated_files, users
from chassis.jetstream.nats_connection import CA_VARIABLE, connect
from chassis.jetstream.nats_process import binary
from chassis.jetstream.topology import Topology
from chassis.testing.ports import reserved_port

TOPOLOGY = Topology.load()


def certificate(folder: Path) -> None:
    key, now = generate_private_key(SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nats")])
    place = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(place, critical=False)
        .sign(key, SHA256())
    )
    (folder / "tls.crt").write_bytes(signed.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "tls.key").write_bytes(private)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    certificate(tmp_path)
    for path, content in generated_files(TOPOLOGY).items():
        (tmp_path / path.name).write_text(content)
    with (tmp_path / "server.conf").open("a") as config:
        config.write('tls { cert_file: "tls.crt", key_file: "tls.key" }\n')
    nkeys.create_missing(tmp_path / "keys", users(TOPOLOGY))
    port = reserved_port()
    environment = {
        "NATS_HOST": "127.0.0.1",
        "NATS_PORT": str(port),
        "NATS_STORE_DIR": json.dumps(str(tmp_path / "store")),
        **nkeys.environment(tmp_path / "keys", users(TOPOLOGY)),
    }
    command = [binary(), "--config", "server.conf", "--log", "nats.log"]
    process = subprocess.Popen(command, env=environment, cwd=tmp_path)
    try:
        yield f"tls://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


async def test_a_service_trusts_the_authority_it_was_given(url: str, tmp_path: Path) -> None:
    seed = nkeys.seed_file(tmp_path / "keys", "sessions")
    environment = {CA_VARIABLE: str(tmp_path / "tls.crt")}
    async with asyncio.timeout(60):
        nc = await connect(url, "sessions", seed, environment=environment)
    assert nc.is_connected
    assert nc.connected_url is not None
    assert nc.connected_url.scheme == "tls"
    await nc.close()


async def test_a_service_does_not_trust_an_authority_that_nobody_named(
    url: str, tmp_path: Path
) -> None:
    seed = nkeys.seed_file(tmp_path / "keys", "sessions")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3):
            await connect(url, "sessions", seed, environment={})
