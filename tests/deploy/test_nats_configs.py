"""nats-server itself accepts every configuration that is shipped."""

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from chassis.jetstream import nkeys
from chassis.jetstream.accounts import accounts, users
from chassis.jetstream.nats_process import binary
from chassis.jetstream.topology import Topology
from switchboard.deployment.nats_rendering import stamp, with_accounts
from tests.deploy.manifests import DIST, ROOT, Manifests

WRITTEN = (ROOT / "deploy/nats/values.yaml").read_text()
VALUES: dict[str, Any] = yaml.safe_load(WRITTEN)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    keys, everybody = tmp_path / "keys", users(Topology.load())
    nkeys.create_missing(keys, everybody)
    return {
        "NATS_HOST": "127.0.0.1",
        "NATS_PORT": "4222",
        "NATS_STORE_DIR": json.dumps(str(tmp_path)),
        "SERVER_NAME": "nats-0",
        **nkeys.environment(keys, everybody),
    }


def accepted(config: Path, environment: dict[str, str]) -> tuple[bool, str]:
    command = [binary(), "-t", "--config", str(config)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def chart(folder: Path) -> Path:
    """The configuration that the chart makes of our values, with certificates of our own."""
    data = Manifests("nats", rendered()).of("ConfigMap")[0]["data"]
    for name, content in data.items():
        (folder / name).write_text(content.replace("/etc/", f"{folder}/"))
    certificate, key = self_signed()
    for place in ("nats-certs/nats", "nats-certs/cluster", "nats-ca-cert"):
        (folder / place).mkdir(parents=True)
        for name in ("tls.crt", "ca.crt"):
            (folder / place / name).write_bytes(certificate)
        (folder / place / "tls.key").write_bytes(key)
    return folder / "nats.conf"


def rendered() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DIST / "nats.yaml").read_text()))


def self_signed() -> tuple[bytes, bytes]:
    key, now = Ed25519PrivateKey.generate(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nats")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return builder.sign(key, None).public_bytes(Encoding.PEM), written


def test_the_server_accepts_the_configuration_of_one_server(environment: dict[str, str]) -> None:
    valid, told = accepted(ROOT / "deploy/nats/server.conf", environment)
    assert valid, told


def test_the_server_accepts_what_the_chart_makes_of_our_values(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    valid, told = accepted(chart(tmp_path), environment)
    assert valid, told


def test_the_server_refuses_a_misspelt_setting(tmp_path: Path, environment: dict[str, str]) -> None:
    config = chart(tmp_path)
    config.write_text(config.read_text().replace("sync_interval", "sync_intervall"))
    assert not accepted(config, environment)[0]


def test_the_server_refuses_to_start_without_a_key(environment: dict[str, str]) -> None:
    del environment["NATS_NKEY_SESSIONS"]
    assert not accepted(ROOT / "deploy/nats/server.conf", environment)[0]


def test_values_and_committed_rendering_say_the_same() -> None:
    data = Manifests("nats", rendered()).of("ConfigMap")[0]["data"]
    assert data["accounts.conf"] == accounts(Topology.load())
    assert VALUES["configMap"]["merge"]["data"] == {"accounts.conf": data["accounts.conf"]}
    for line in (
        '"sync_interval": "always"',
        '"lame_duck_duration": "30s"',
        "include accounts.conf;",
    ):
        assert line in data["nats.conf"]
    assert VALUES["config"]["jetstream"]["merge"] == {"sync_interval": "always"}
    assert VALUES["config"]["cluster"]["replicas"] == 3
    assert data["nats.conf"].count("tls://nats-") == 3


def test_the_committed_rendering_is_of_the_values_of_today() -> None:
    """Else: `python -m switchboard.deployment.nats_rendering`, with Helm installed."""
    with (DIST / "nats.yaml").open() as rendering:
        assert rendering.readline() == stamp(WRITTEN)


def test_other_accounts_need_no_helm_but_other_values_do() -> None:
    """Accounts follow the topology, by `make schemas`; the rest of the rendering is Helm's."""
    other = with_accounts(WRITTEN, "# other accounts\n")
    assert yaml.safe_load(other)["configMap"]["merge"]["data"] == {
        "accounts.conf": "# other accounts\n"
    }
    assert stamp(other) == stamp(WRITTEN)
    assert stamp(WRITTEN.replace("20Gi", "40Gi")) != stamp(WRITTEN)
    assert with_accounts(other, accounts(Topology.load())) == WRITTEN


def test_the_rendering_names_keys_and_holds_none(environment: dict[str, str]) -> None:
    named = re.findall(r"nkey: ([^,}]+)", (DIST / "nats.yaml").read_text())
    assert set(named) == {f"${name}" for name in environment if name.startswith("NATS_NKEY_")}


def test_a_server_has_more_time_to_go_than_its_lame_duck_takes() -> None:
    (stateful,) = Manifests("nats", rendered()).of("StatefulSet")
    spec = stateful["spec"]["template"]["spec"]
    lame_duck = spec["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]
    assert lame_duck == ["nats-server", "-sl=ldm=/var/run/nats/nats.pid"]
    assert spec["terminationGracePeriodSeconds"] > 30 + 10
