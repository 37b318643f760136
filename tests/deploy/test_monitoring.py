"""Alerts and dashboard ask for what is exported, and every alert has been seen to fire."""

import json
import re
from functools import cache
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from chassis.cause import system_clock
from chassis.jetstream.topology import Topology
from services.notifier.mail_server import MailServer
from services.notifier.outbox import Outbox
from switchboard.composition import Process
from tests.deploy.manifests import ROOT

FOLDER = ROOT / "deploy/monitoring"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "rules.yaml").read_text())["groups"]
    for rule in group["rules"]
]
TESTS: list[dict[str, Any]] = [
    test
    for path in FOLDER.glob("*rules-tests.yaml")
    for test in yaml.safe_load(path.read_text())["tests"]
]
OF_NATS: list[dict[str, list[str]]] = yaml.safe_load(
    (ROOT / "tests/deploy/exported_by_nats.yaml").read_text()
)
DASHBOARD = json.loads((ROOT / "deploy/components/monitoring/switchboard.json").read_text())
QUERIES = [t["expr"] for panel in DASHBOARD["panels"] for t in panel.get("targets", [])]
ALERTS = [rule["alert"] for rule in RULES]
PAGE = (ROOT / "docs/alerts.md").read_text()

_METRIC = re.compile(r"\b(?:switchboard|nats)_[a-z_]+")
_LABELS = re.compile(r"\b(?:by|on) \(([^)]+)\)|[{,](\w+)!?=")
FROM_PROMETHEUS = {"pod"}


@cache
def exported() -> dict[str, set[str]]:
    """Labels by name of every series that a process of ours shows."""
    registry = CollectorRegistry()
    metrics, workers = Process.metered(registry)
    nobody: Any = None  # who is asked and what was chosen is not looked at here
    MailServer(nobody, Outbox(system_clock, registry), nobody, system_clock, registry)
    metrics.request("sessions", "GET", "/", 200, 0.1)
    metrics.broker("sessions", lambda: True, lambda: 0)
    labels = ("sessions", "SESSIONS")
    for one in (workers.projected, workers.lag_events, workers.lag_seconds, workers.halted):
        one.labels(*labels)
    for waiting in (workers.reactions_waiting, workers.reactions_put_off, workers.reactions_room):
        waiting.labels(*labels)
    workers.reactions_oldest_seconds.labels(*labels)
    workers.errors.labels(*labels, "any")
    workers.expect_reactions("notifier", "ACTIVATION", ["ActivationRequested"])
    return {s.name: set(s.labels) for family in registry.collect() for s in family.samples}


def exported_by_nats() -> dict[str, set[str]]:
    """Labels by name of the series that the exporter beside a NATS server shows."""
    return {name: set(group["labels"]) for group in OF_NATS for name in group["names"]}


@pytest.mark.parametrize("query", [*(rule["expr"] for rule in RULES), *QUERIES])
def test_what_is_asked_for_is_exported(query: str) -> None:
    shown = exported() | exported_by_nats()
    names = set(_METRIC.findall(query))
    assert names
    assert names <= set(shown)
    asked = {w.strip() for pair in _LABELS.findall(query) for t in pair for w in t.split(",") if w}
    known = set().union(*(shown[name] for name in names)) | FROM_PROMETHEUS
    assert asked <= known


def test_the_dashboard_shows_everything_that_is_exported() -> None:
    shown = "\n".join(QUERIES)
    ends = ("_bucket", "_sum", "_created")
    names = {name for name in exported() if not name.endswith(ends)}
    assert {name for name in names if name not in shown} == set()


def test_an_alert_on_full_streams_leaves_out_those_that_push_their_oldest_out() -> None:
    (filling,) = (r["expr"] for r in RULES if r["alert"] == "SwitchboardNatsStreamFilling")
    streams = Topology.load().streams.values()
    left_out = {s.name for s in streams if s.settings.discard == "old"}
    assert set(re.findall(r'stream_name!="(\w+)"', filling)) == left_out


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_is_tried_in_sickness_and_in_health(alert: str) -> None:
    tried = [t for test in TESTS for t in test["alert_rule_test"] if t["alertname"] == alert]
    assert any(t.get("exp_alerts") for t in tried)
    assert any(not t.get("exp_alerts") for t in tried)


@pytest.mark.parametrize("alert", ALERTS)
def test_a_page_says_what_an_alert_means_and_what_to_do(alert: str) -> None:
    found = re.search(rf"^## {alert}\n(.+?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    assert "**Means**" in found[1]
    assert "**Do**" in found[1]


def test_the_page_is_about_no_other_alert() -> None:
    assert re.findall(r"^## (\w+)$", PAGE, re.MULTILINE) == ALERTS
