"""What is written from the topology and the routes means what they mean."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis.jetstream.jetstream_config import consumer_config, stream_config
from chassis.jetstream.topology import Topology
from services.portal.pages import controllers as portal_controllers
from switchboard.catalogue import BLUEPRINTS, PORTAL
from switchboard.deployment.nack import nack_resources
from switchboard.deployment.render import render, renderings, tool
from switchboard.deployment.routing import matches
from switchboard.keys import create_installation
from switchboard.routes_page import routes_of, service_routes
from tests.deploy.manifests import ROOT

ROUTED = matches()
SECOND = 1_000_000_000
PATHS = [
    *((service, r.path) for service in BLUEPRINTS for r in service_routes(service)),
    *((PORTAL, r.path) for r in routes_of(portal_controllers)),
]


def snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def as_jetstream(spec: dict[str, Any]) -> dict[str, Any]:
    """What NACK tells JetStream, by the names of its API."""
    names = {"replicas": "num_replicas", "allow_atomic_publish": "allow_atomic"}
    told = {names.get(snake(key), snake(key)): value for key, value in spec.items()}
    own = {"account", "prevent_delete", "metadata", "stream_name"}
    if again := told.get("republish"):
        told["republish"] = {"src": again["source"], "dest": again["destination"]}
    return {
        key: int(v[:-1]) * SECOND if re.fullmatch(r"\d+s", str(v)) else v
        for key, v in told.items()
        if key not in own
    }


def meant(config: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if value}


def test_nack_makes_the_streams_and_durables_that_setup_makes() -> None:
    topology = Topology.load().with_replicas(3)
    made = [as_jetstream(dict(r["spec"])) for r in nack_resources(topology)]
    wanted = [meant(stream_config(stream)) for stream in topology.streams.values()]
    wanted += [meant(consumer_config(durable)) for durable in topology.durables]
    assert made == wanted


def test_services_find_the_version_of_the_topology_in_what_nack_makes() -> None:
    version = {"switchboard-topology": str(Topology.load().version)}
    assert all(r["spec"]["metadata"] == version for r in nack_resources(Topology.load()))


@pytest.mark.parametrize(("service", "path"), PATHS)
def test_a_path_is_routed_to_the_service_that_has_it(service: str, path: str) -> None:
    assert routed(re.sub(r"\{[^}]+\}", "some-id", path)) == service


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/livez", "/startupz", "/api/v1/none"])
def test_a_path_that_nobody_has_is_not_routed(path: str) -> None:
    assert routed(path) is None


def routed(path: str) -> str | None:
    """Exact before regular expression before the longest prefix, as gateways do it."""
    found = [
        ((kind == "Exact", kind == "RegularExpression", len(value)), service)
        for service, own in ROUTED.items()
        for kind, value in own
        if compares(kind, value, path)
    ]
    return max(found)[1] if found else None


def compares(kind: str, value: str, path: str) -> bool:
    if kind == "RegularExpression":
        return re.fullmatch(value, path) is not None
    return path == value or (kind == "PathPrefix" and path.startswith(f"{value}/"))


def test_secrets_are_made_of_what_the_command_writes(tmp_path: Path) -> None:
    create_installation(tmp_path, Topology.load())
    folder = yaml.safe_load((ROOT / "deploy/secrets/kustomization.yaml").read_text())
    files = [f.partition("=")[2] for one in folder["secretGenerator"] for f in one["files"]]
    files += [path for one in folder["configMapGenerator"] for path in one["envs"]]
    assert {f for f in files if not (tmp_path / f.removeprefix("local/")).is_file()} == {
        f"local/mongo/{service}" for service in BLUEPRINTS
    }


def test_both_ways_to_make_secrets_make_the_same() -> None:
    folder = yaml.safe_load((ROOT / "deploy/secrets/kustomization.yaml").read_text())
    made = {s["name"]: {f.partition("=")[0] for f in s["files"]} for s in folder["secretGenerator"]}
    path = ROOT / "deploy/components/external-secrets/secrets.yaml"
    external = {
        e["metadata"]["name"]: {d["secretKey"] for d in e["spec"]["data"]}
        for e in yaml.safe_load_all(path.read_text())
    }
    assert external.pop("notifier-smtp") == {"password"}
    assert external == made


@pytest.mark.parametrize(("path", "folder"), renderings().items(), ids=str)
def test_a_committed_rendering_is_fresh(path: Path, folder: Path) -> None:
    command = tool()
    if command is None:
        pytest.skip("neither kustomize nor kubectl is installed")
    assert (ROOT / path).read_text() == render(command, folder), "run `make manifests`"
