"""The Grafana dashboard: is it well, what do people feel, and where does it stick."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

_COLUMNS, _HEIGHT = 3, 8
_WIDTH = 24 // _COLUMNS
_SOURCE = {"type": "prometheus", "uid": "${source}"}


@dataclass(frozen=True, slots=True)
class Panel:
    """One question, and the query that answers it."""

    title: str
    query: str
    legend: str
    unit: str = "short"


_BY_STREAM = "{{service}} of {{stream}}"

ROWS = {
    "Is it well?": (
        Panel(
            "Connected to NATS",
            "min by (service) (switchboard_broker_connected)",
            "{{service}}",
            "bool",
        ),
        Panel(
            "Refused by NATS",
            "sum by (service) (switchboard_broker_permission_violations)",
            "{{service}}",
        ),
        Panel(
            "Projectors that stopped for good",
            "max by (service, stream) (switchboard_projector_halted)",
            _BY_STREAM,
        ),
    ),
    "What people feel": (
        Panel(
            "Requests",
            "sum by (service) (rate(switchboard_http_request_seconds_count[5m]))",
            "{{service}}",
            "reqps",
        ),
        Panel(
            "Requests that fail",
            'sum by (service) (rate(switchboard_http_request_seconds_count{status="5xx"}[5m]))',
            "{{service}}",
            "reqps",
        ),
        Panel(
            "Slowest of 100 requests",
            "histogram_quantile(0.99, sum by (service, le) "
            "(rate(switchboard_http_request_seconds_bucket[5m])))",
            "{{service}}",
            "s",
        ),
    ),
    "Read models": (
        Panel(
            "Events read",
            "sum by (service, stream) (rate(switchboard_projected_events_total[5m]))",
            _BY_STREAM,
        ),
        Panel(
            "Events behind",
            "max by (service, stream) (switchboard_projection_lag_events)",
            _BY_STREAM,
        ),
        Panel(
            "Seconds behind",
            "max by (service, stream) (switchboard_projection_lag_seconds)",
            _BY_STREAM,
            "s",
        ),
    ),
    "Reactions": (
        Panel(
            "Events that wait",
            "max by (service, stream) (switchboard_reactions_waiting)",
            _BY_STREAM,
        ),
        Panel(
            "Outcomes",
            "sum by (event, outcome) (rate(switchboard_reaction_seconds_count[5m]))",
            "{{event}}: {{outcome}}",
        ),
        Panel(
            "Events that are put off",
            "max by (service, stream) (switchboard_reactions_put_off)",
            _BY_STREAM,
        ),
        Panel(
            "Room for more",
            "min by (service, stream) (switchboard_reactions_room)",
            _BY_STREAM,
        ),
        Panel(
            "Oldest that waits",
            "max by (service, stream) (switchboard_reactions_oldest_seconds)",
            _BY_STREAM,
            "s",
        ),
        Panel(
            "Interruptions of projectors",
            "sum by (service, kind) (rate(switchboard_projector_errors_total[5m]))",
            "{{service}}: {{kind}}",
        ),
    ),
    "Mails": (
        Panel(
            "Outcomes",
            "sum by (outcome) (rate(switchboard_mails_total[15m])) * 60",
            "{{outcome}} a minute",
        ),
        Panel("Held: the mail server refuses us", "max(switchboard_mails_held)", "held", "bool"),
        Panel(
            "The mail server does not answer",
            "max(switchboard_mail_server_unreachable)",
            "away",
            "bool",
        ),
    ),
    "NATS": (
        Panel(
            "Servers that answer",
            "count by (cluster) (nats_server_max_storage)",
            "{{cluster}}",
        ),
        Panel(
            "Storage that is used",
            "sum by (server_name) (nats_account_storage_used)"
            " / max by (server_name) (nats_server_max_storage)",
            "{{server_name}}",
            "percentunit",
        ),
        Panel(
            "Written to a stream",
            "sum by (stream_name) "
            '(rate(nats_stream_last_seq{account_name="PLATFORM",is_stream_leader="true"}[5m]))',
            "{{stream_name}}",
            "wps",
        ),
        Panel(
            "What a stream holds",
            'max by (stream_name) (nats_stream_total_bytes{account_name="PLATFORM"})',
            "{{stream_name}}",
            "bytes",
        ),
        Panel(
            "Waiting for a durable",
            "max by (stream_name, consumer_name) "
            '(nats_consumer_num_pending{account_name="PLATFORM"})',
            "{{consumer_name}}",
        ),
        Panel(
            "Clients that were cut off",
            "sum by (pod) (increase(nats_varz_slow_consumers[15m]))",
            "{{pod}}",
        ),
    ),
}


def dashboard() -> str:
    """The dashboard as Grafana imports it."""
    source = {"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
    content = {
        "uid": "switchboard",
        "title": "Switchboard",
        "schemaVersion": 39,
        "timezone": "utc",
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [source]},
        "panels": list(_panels()),
    }
    return json.dumps(content, indent=1) + "\n"


def _panels() -> Iterator[dict[str, Any]]:
    ids, top = count(1), 0
    for title, panels in ROWS.items():
        at = {"x": 0, "y": top, "w": 24, "h": 1}
        yield {"id": next(ids), "type": "row", "title": title, "gridPos": at, "panels": []}
        for place, panel in enumerate(panels):
            line, column = divmod(place, _COLUMNS)
            below = top + 1 + line * _HEIGHT
            at = {"x": column * _WIDTH, "y": below, "w": _WIDTH, "h": _HEIGHT}
            yield _panel(panel, next(ids), at)
        top += 1 + -(-len(panels) // _COLUMNS) * _HEIGHT


def _panel(panel: Panel, number: int, at: dict[str, int]) -> dict[str, Any]:
    target = {
        "refId": "A",
        "expr": panel.query,
        "legendFormat": panel.legend,
        "datasource": _SOURCE,
    }
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "datasource": _SOURCE,
        "gridPos": at,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [target],
    }
