"""The alerts as Prometheus Operator reads them, each with the place that says what to do."""

from pathlib import Path
from typing import Any

import yaml

from switchboard.deployment.manifests import Manifest

NOTICE = "# generated from deploy/monitoring/rules.yaml by make schemas\n"
PAGE = "docs/alerts.md"


def prometheus_rule(rules: Path) -> Manifest:
    """The file of rules as a resource."""
    content: dict[str, Any] = yaml.safe_load(rules.read_text(encoding="utf-8"))
    for group in content["groups"]:
        for rule in group["rules"]:
            rule["annotations"]["runbook"] = f"{PAGE}#{rule['alert'].lower()}"
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "switchboard"},
        "spec": content,
    }
