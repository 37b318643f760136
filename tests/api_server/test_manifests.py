"""What a real API server says to everything that is rendered: no kubelet runs anything of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api_server.control_plane import ControlPlane, control_plane, eventually, needed
from tests.deploy.manifests import DIST, Manifests, labels, parsed

RENDERINGS = sorted(path.stem for path in DIST.glob("*-*.yaml"))
OWN = {"install-dev": "switchboard", "install-prod": "switchboard"}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    crds = needed()
    with control_plane(tmp_path_factory.mktemp("plane"), crds) as running:
        yield running


@pytest.mark.parametrize("rendering", [*RENDERINGS, "nats"])
def test_a_rendering_comes_stays_and_goes_without_a_trace(
    rendering: str, plane: ControlPlane
) -> None:
    path, found = (
        DIST / f"{rendering}.yaml",
        Manifests(rendering, parsed(DIST / f"{rendering}.yaml")),
    )
    namespace = OWN.get(rendering, "nats" if rendering == "nats" else "phones")
    if rendering not in OWN:
        plane.restricted(namespace)
    plane.apply(path, namespace if rendering == "nats" else "")
    eventually(lambda: _pods(plane, namespace) >= _wanted(found))
    before = _versions(plane, found, namespace)
    plane.apply(path, namespace if rendering == "nats" else "")
    assert _versions(plane, found, namespace) == before
    plane.kubectl("delete", f"--filename={path}", f"--namespace={namespace}", "--timeout=60s")
    if rendering in OWN:
        assert namespace not in plane.kubectl("get", "namespaces", "--output=name")
    else:
        eventually(lambda: _left(plane, namespace) == set())
        plane.kubectl("delete", "namespace", namespace, "--timeout=60s")


def test_a_namespace_that_is_restricted_refuses_a_pod_that_is_not(plane: ControlPlane) -> None:
    plane.restricted("strict")
    told = plane.kubectl("run", "one", "--image=one", "--namespace=strict", check=False)
    assert 'violates PodSecurity "restricted' in told


def test_the_next_release_is_applied_over_the_last(plane: ControlPlane, tmp_path: Path) -> None:
    shipped = (DIST / "install-prod.yaml").read_text()
    following = tmp_path / "next.yaml"
    following.write_text(shipped.replace("0.1.0", "0.2.0").replace("setup-0-1-0", "setup-0-2-0"))
    plane.apply(DIST / "install-prod.yaml")
    plane.apply(following)
    assert {j["metadata"]["name"] for j in plane.all("jobs", "switchboard")} == {
        "setup-0-1-0",
        "setup-0-2-0",
    }
    deployments = {d["metadata"]["name"] for d in plane.all("deployments", "switchboard")}
    eventually(lambda: _rolled(plane) == deployments)
    plane.kubectl("delete", f"--filename={following}", "--timeout=60s")


def _rolled(plane: ControlPlane) -> set[str]:
    """The Deployments that have pods of the next release."""
    pods = [labels(one) for one in plane.all("pods", "switchboard")]
    return {
        f"{one['app.kubernetes.io/name']}-{one['app.kubernetes.io/component']}"
        for one in pods
        if one["app.kubernetes.io/version"] == "0.2.0"
        and one["app.kubernetes.io/component"] in {"api", "worker"}
    }


def _wanted(found: Manifests) -> int:
    """How many pods are to be there: Jobs by template only come when they are told to."""
    each = found.of("Deployment", "StatefulSet")
    return sum(int(w["spec"].get("replicas", 1)) for w in each) + len(found.of("Job"))


def _pods(plane: ControlPlane, namespace: str) -> int:
    return len(plane.all("pods", namespace))


def _versions(plane: ControlPlane, found: Manifests, namespace: str) -> dict[str, int]:
    """By object, how often what is wanted of it has changed."""
    kinds = sorted({one["kind"] for one in found.all} - {"Namespace"})
    return {
        f"{kind}/{one['metadata']['name']}": one["metadata"].get("generation", 0)
        for kind in kinds
        for one in plane.all(kind, namespace)
    }


def _left(plane: ControlPlane, namespace: str) -> set[str]:
    """What uninstalling leaves but the volume claims, which the page says are kept."""
    return {o for o in plane.everything(namespace) if not o.startswith("persistentvolumeclaim/")}
