"""How the Deployments grow: HTTP with the processor's load, reactions with what waits for them."""

from collections.abc import Iterator
from typing import Any

from chassis.jetstream.topology import Topology
from chassis.jetstream.topology_file import Durable
from switchboard.catalogue import SETTINGS
from switchboard.deployment.manifests import Manifest

MONITORING = "nats-headless.nats.svc:8222"
"""Where KEDA asks NATS, `service.namespace` as the values of the chart name it."""

_LEAST, _MOST_API, _MOST_WORKERS = 2, 8, 6
_BUSY_PERCENT = 70
_WAITING_EACH = 100
"""Events that may wait for a reaction before there is to be one worker more."""


def autoscalers() -> Iterator[Manifest]:
    """One HorizontalPodAutoscaler for each API."""
    resource = {
        "name": "cpu",
        "target": {"type": "Utilization", "averageUtilization": _BUSY_PERCENT},
    }
    for service in SETTINGS:
        yield {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": _named(service, "api"),
            "spec": {
                "scaleTargetRef": _deployment(service, "api"),
                "minReplicas": _LEAST,
                "maxReplicas": _MOST_API,
                "metrics": [{"type": "Resource", "resource": resource}],
                "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}},
            },
        }


def scaled_objects(topology: Topology) -> Iterator[Manifest]:
    """One ScaledObject for each worker that has reactions."""
    for service in topology.services:
        durables = [d for d in topology.durables_of(service) if d.kind == "reactions"]
        if durables:
            yield {
                "apiVersion": "keda.sh/v1alpha1",
                "kind": "ScaledObject",
                "metadata": _named(service, "worker"),
                "spec": {
                    "scaleTargetRef": _deployment(service, "worker"),
                    "minReplicaCount": _LEAST,
                    "maxReplicaCount": _MOST_WORKERS,
                    "cooldownPeriod": 300,
                    "triggers": [_trigger(durable) for durable in durables],
                },
            }


def _trigger(durable: Durable) -> dict[str, Any]:
    # KEDA takes text only. It scales to the most when there is no such durable: run setup first.
    metadata = {
        "natsServerMonitoringEndpoint": MONITORING,
        "account": "PLATFORM",
        "stream": durable.stream,
        "consumer": durable.name,
        "lagThreshold": str(_WAITING_EACH),
        "activationLagThreshold": "0",
    }
    return {"type": "nats-jetstream", "metadata": metadata}


def _named(service: str, role: str) -> dict[str, str]:
    return {"name": f"{service}-{role}"}


def _deployment(service: str, role: str) -> dict[str, str]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "name": f"{service}-{role}"}
