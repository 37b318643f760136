"""What was rendered, for the laws that it has to obey."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DIST = ROOT / "deploy" / "dist"
OURS = "registry.invalid/switchboard"

Manifest = dict[str, Any]
Law = Callable[["Manifests"], Iterator[str]]

_UNITS = {"m": 1e-3, "": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


@cache
def parsed(path: Path) -> list[Manifest]:
    # The parser in C takes a tenth of the time.
    return list(yaml.load_all(path.read_text(), yaml.CSafeLoader))


@dataclass(frozen=True)
class Manifests:
    """Everything one rendering holds."""

    name: str
    all: list[Manifest]

    @staticmethod
    def rendered(name: str) -> "Manifests":
        return Manifests(name, parsed(DIST / f"{name}.yaml"))

    def of(self, *kinds: str) -> list[Manifest]:
        return [one for one in self.all if one["kind"] in kinds]

    def has(self, kind: str, name: str) -> bool:
        return any(one["metadata"]["name"] == name for one in self.of(kind))

    def workloads(self) -> list[Manifest]:
        return self.of("Deployment", "StatefulSet", "Job", "CronJob")

    def deployments(self) -> list[Manifest]:
        """Those of ours: what development needs besides is somebody else's."""
        return [d for d in self.of("Deployment") if is_ours(d)]

    def selected(self, selector: Manifest) -> list[Manifest]:
        """The pod templates that a selector matches."""
        templates = [template(one) for one in self.workloads()]
        return [t for t in templates if matches(selector, labels(t))]


def template(workload: Manifest) -> Manifest:
    spec = workload["spec"]
    found: Manifest = (spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec)["template"]
    return found


def pod(workload: Manifest) -> Manifest:
    found: Manifest = template(workload)["spec"]
    return found


def container(workload: Manifest) -> Manifest:
    found: Manifest = pod(workload)["containers"][0]
    return found


def is_ours(workload: Manifest) -> bool:
    return str(container(workload)["image"]).startswith(OURS)


def title(manifest: Manifest) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def labels(manifest: Manifest) -> dict[str, str]:
    return dict(manifest["metadata"].get("labels", {}))


def matches(selector: Manifest, found: dict[str, str]) -> bool:
    wanted = selector.get("matchLabels", {})
    return all(found.get(key) == value for key, value in wanted.items()) and all(
        found.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", [])
    )


def quantity(text: object) -> float | None:
    """The number behind `100m` or `64Mi`, None for what is no quantity."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(m|Ki|Mi|Gi|)", str(text))
    return float(found[1]) * _UNITS[found[2]] if found else None


@cache
def known_secrets() -> frozenset[str]:
    """Those that `deploy/secrets` or the External Secrets Operator makes, and optional ones."""
    folder = yaml.safe_load((ROOT / "deploy/secrets/kustomization.yaml").read_text())
    external = (ROOT / "deploy/components/external-secrets/secrets.yaml").read_text()
    names = {one["name"] for one in folder["secretGenerator"]}
    return frozenset(names | {d["metadata"]["name"] for d in yaml.safe_load_all(external)})
