"""What an exporter beside each NATS server tells, and which alerts Prometheus' rules make of it."""

import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from chassis.testing.eventually import eventually
from chassis.testing.ports import reserved_port
from tests.cluster.nodes import Cluster, Node
from tests.deploy.manifests import ROOT

RULES = ROOT / "deploy/monitoring/rules.yaml"
ASKED = frozenset(re.findall(r"\bnats_[a-z_]+", RULES.read_text()))
NAMING = ("server_name", "stream_name", "consumer_name")
_ARGUMENTS = [
    "-connz",
    "-routez",
    "-subz",
    "-varz",
    "-prefix=nats",
    "-use_internal_server_id",
    "-jsz=all",
]

Series = tuple[str, frozenset[tuple[str, str]]]
Seen = dict[Series, float]
Alert = frozenset[tuple[str, str]]


def program(name: str) -> str:
    """Path of a program these tests do not bring. Skips where this machine lacks it."""
    found = shutil.which(name) or shutil.which(name, path=ROOT / ".tools")
    if not found:
        pytest.skip(f"{name} is neither on the PATH nor in .tools")
    return found


@dataclass
class Exporters:
    """One beside each server, as the chart runs it."""

    ports: dict[str, int]

    async def seen(self) -> Seen:
        """Every series of all of them, with the label `pod` that Prometheus adds."""
        found: Seen = {}
        async with httpx.AsyncClient(timeout=30) as http:
            for pod, port in self.ports.items():
                text = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
                for family in text_string_to_metric_families(text):
                    for sample in family.samples:
                        labels = frozenset({**sample.labels, "pod": pod}.items())
                        found[sample.name, labels] = sample.value
        return found


@asynccontextmanager
async def exporters(cluster: Cluster) -> AsyncIterator[Exporters]:
    binary = program("prometheus-nats-exporter")
    running = Exporters({node.name: reserved_port() for node in cluster.nodes})
    processes = [_started(binary, running.ports[node.name], node) for node in cluster.nodes]

    async def all_answer() -> bool:
        try:
            seen = await running.seen()
        except httpx.TransportError:
            return False
        return len({dict(labels)["pod"] for name, labels in seen if name == "nats_varz_mem"}) == 3

    try:
        await eventually(all_answer, 60)
        yield running
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _started(binary: str, port: int, node: Node) -> "subprocess.Popen[bytes]":
    own = ["-addr=127.0.0.1", f"-port={port}", f"http://127.0.0.1:{node.monitor}/"]
    return subprocess.Popen([binary, *_ARGUMENTS, *own], stderr=subprocess.DEVNULL)


def alerts(folder: Path, history: Sequence[tuple[Seen, int]]) -> set[Alert]:
    """What fires at the end of a history: what was seen, and for how many minutes."""
    minutes = sum(held for _, held in history)
    asked = {key for seen, _ in history for key in seen if key[0] in ASKED}
    series = [{"series": _written(k), "values": " ".join(_values(k, history))} for k in asked]
    firing = f"group by (alertname, {', '.join(NAMING)}) (ALERTS{{alertstate='firing'}})"
    question = {"expr": firing, "eval_time": f"{minutes - 1}m", "exp_samples": []}
    test = {"interval": "1m", "input_series": series, "promql_expr_test": [question]}
    written = folder / "test.yaml"
    written.write_text(
        yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]})
    )
    command = [program("promtool"), "test", "rules", str(written)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return set(_got(done.stdout + done.stderr))


def shapes(seen: Iterable[Series]) -> dict[str, set[str]]:
    """Labels by name of what was seen, without those that Prometheus adds."""
    found = defaultdict[str, set[str]](set)
    for name, labels in seen:
        found[name] |= {key for key, _ in labels} - {"pod"}
    return dict(found)


def _values(key: Series, history: Sequence[tuple[Seen, int]]) -> list[str]:
    return [str(seen.get(key, "_")) for seen, held in history for _ in range(held)]


def _written(key: Series) -> str:
    name, labels = key
    written = ",".join(f'{key}="{value}"' for key, value in sorted(labels))
    return f"{name}{{{written}}}"


def _got(told: str) -> list[Alert]:
    """promtool is asked to expect nothing, and names what it got instead."""
    found = re.search(r"got:(.*)", told)
    pairs: list[Any] = re.findall(r"\{([^}]*)\}", found[1]) if found else []
    return [frozenset(re.findall(r'(\w+)="([^"]*)"', one)) for one in pairs]
