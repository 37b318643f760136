"""What a real Kubernetes API says to everything that is rendered; nothing of it is run."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api_server.api import Api, api_server, needed
from tests.deploy.manifests import (
    DIST,
    ROOT,
    Manifest,
    Manifests,
    container,
    parsed,
    pod,
    template,
    title,
)

RENDERINGS = sorted(path.stem for path in DIST.glob("*.yaml"))
INSTALL = "install"
PAGE = (ROOT / "deploy/README.md").read_text()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    crds = needed()
    with api_server(tmp_path_factory.mktemp("api"), crds) as running:
        yield running


@pytest.fixture(params=RENDERINGS)
def rendering(request: pytest.FixtureRequest) -> Manifests:
    return Manifests(request.param, parsed(DIST / f"{request.param}.yaml"))


def test_a_rendering_comes_stays_and_goes_without_a_trace(rendering: Manifests, api: Api) -> None:
    path, namespace = DIST / f"{rendering.name}.yaml", _namespace(rendering)
    own = bool(rendering.of("Namespace"))
    if not own:
        api.restricted(namespace)
    api.apply(path, namespace)
    applied = api.everything(namespace)
    assert len(applied) == len(rendering.all) - own
    api.kubectl("create", "serviceaccount", "default", f"--namespace={namespace}")
    for workload in rendering.workloads():
        _admitted(api, workload, namespace)
    api.apply(path, namespace)
    assert api.everything(namespace) == applied
    api.kubectl("delete", f"--filename={path}", f"--namespace={namespace}", "--wait=false")
    left = api.everything(namespace)
    assert {name for name in left if not name.startswith("PersistentVolumeClaim ")} == set()
    if not own:
        api.kubectl("delete", "namespace", namespace, "--wait=false")
    api.gone(namespace)


def test_a_namespace_that_is_restricted_refuses_a_pod_that_is_not(api: Api) -> None:
    api.restricted("strict")
    told = api.kubectl("run", "one", "--image=one", "--namespace=strict", check=False)
    assert "is forbidden" in told


def test_a_misspelt_field_is_refused(api: Api, tmp_path: Path) -> None:
    misspelt = tmp_path / "misspelt.yaml"
    api.restricted("misspelt")
    shipped = (DIST / "combination-base.yaml").read_text().replace(": phones", ": misspelt")
    misspelt.write_text(shipped.replace("minReadySeconds", "minReadySecond"))
    with pytest.raises(AssertionError, match="minReadySecond"):
        api.apply(misspelt)


def test_the_next_release_is_applied_over_the_last(api: Api, tmp_path: Path) -> None:
    shipped, following = DIST / "install-prod.yaml", tmp_path / "next.yaml"
    changed = shipped.read_text().replace("0.1.0", "0.2.0").replace("setup-0-1-0", "setup-0-2-0")
    following.write_text(changed)
    api.apply(shipped)
    before = set(api.everything("switchboard"))
    api.apply(following)
    assert set(api.everything("switchboard")) == before | {"Job setup-0-2-0"}
    for deployment in api.all("deployments", "switchboard"):
        labels = template(deployment)["metadata"]["labels"]
        assert labels["app.kubernetes.io/version"] == "0.2.0"
    _deleted(api, shipped, following)


def test_a_setting_is_changed_as_the_page_says(api: Api, tmp_path: Path) -> None:
    shipped, changed = DIST / "install-dev.yaml", tmp_path / "changed.yaml"
    configs = {
        source["configMapRef"]["name"]
        for workload in Manifests("", parsed(shipped)).deployments()
        for source in container(workload)["envFrom"]
    }
    (config,) = configs
    changed.write_text(shipped.read_text().replace(config, "switchboard-changed"))
    api.apply(shipped)
    with pytest.raises(AssertionError, match="field is immutable"):
        api.apply(changed)
    (line,) = re.findall(r"^ *kubectl (delete job --selector .+)$", PAGE, re.MULTILINE)
    api.kubectl(*line.split())
    api.apply(changed)
    _deleted(api, changed)


def _admitted(api: Api, workload: Manifest, namespace: str) -> None:
    """Raises AssertionError unless the pod of a workload would be let in."""
    metadata = {**template(workload)["metadata"], "name": "one"}
    claims = workload["spec"].get("volumeClaimTemplates", [])
    volumes = [{"name": c["metadata"]["name"], "emptyDir": {}} for c in claims]
    spec = {**pod(workload), "volumes": [*pod(workload).get("volumes", []), *volumes]}
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    words = ("create", "--dry-run=server", "--filename=-", f"--namespace={namespace}")
    assert api.kubectl(*words, give=json.dumps(manifest)), title(workload)


def _deleted(api: Api, *paths: Path) -> None:
    for path in paths:
        api.kubectl("delete", f"--filename={path}", "--wait=false", "--ignore-not-found")
    api.gone("switchboard")


def _namespace(rendering: Manifests) -> str:
    """The one it is for; that of the chart is chosen by whoever applies it."""
    (name,) = {
        one["metadata"].get("namespace", "nats") for one in rendering.of("PodDisruptionBudget")
    }
    return str(name)
