"""Laws of names and references: everything that is named exists, and nothing is said twice."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator

from chassis.jetstream.topology import Topology
from chassis.settings import FILE_SUFFIX, ServiceSettings
from switchboard.catalogue import BLUEPRINTS, SETTINGS
from switchboard.settings import Settings
from switchboard.settings_page import OTHERS, variables
from tests.deploy.manifests import (
    ROOT,
    Manifest,
    Manifests,
    container,
    is_ours,
    known_secrets,
    labels,
    matches,
    pod,
    template,
    title,
)

STORES = "SWITCHBOARD_STORES"
_DNS = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_LABEL = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?")
_RIGHTS = (
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "CustomResourceDefinition",
)


def names_are_names(found: Manifests) -> Iterator[str]:
    for manifest in found.all:
        name = manifest["metadata"]["name"]
        if not _DNS.fullmatch(name) or len(name) > 63:
            yield f"{title(manifest)} is no name"
        for key, value in labels(manifest).items():
            if not _LABEL.fullmatch(str(value)) or not isinstance(value, str):
                yield f"{title(manifest)}: {key} is {value!r}"


def nothing_is_there_twice(found: Manifests) -> Iterator[str]:
    for name, times in Counter(map(title, found.all)).items():
        if times > 1:
            yield f"{name} is there {times} times"


def everything_is_in_one_namespace(found: Manifests) -> Iterator[str]:
    inside = [m for m in found.all if m["kind"] != "Namespace"]
    spaces = {m["metadata"].get("namespace") for m in inside}
    if len(spaces) != 1 or None in spaces:
        yield f"it is spread over {spaces}"


def nobody_gets_a_right_in_the_cluster(found: Manifests) -> Iterator[str]:
    for manifest in found.of(*_RIGHTS):
        yield f"{title(manifest)} is a right or a kind of its own"


def a_selector_finds_its_own_pods_whatever_the_version(found: Manifests) -> Iterator[str]:
    for workload in found.of("Deployment", "StatefulSet"):
        selector = workload["spec"]["selector"]
        if not matches(selector, labels(template(workload))):
            yield f"{title(workload)} does not find its pods"
        if len(found.selected(selector)) != 1:
            yield f"{title(workload)} finds the pods of others"
        chosen = set(selector.get("matchLabels", {}))
        if chosen != {"app.kubernetes.io/name", "app.kubernetes.io/component"}:
            yield f"{title(workload)} selects by {chosen}"


def what_is_ours_says_what_it_is(found: Manifests) -> Iterator[str]:
    wanted = {"name", "component", "part-of", "version"}
    for workload in filter(is_ours, found.workloads()):
        missing = {f"app.kubernetes.io/{key}" for key in wanted} - set(labels(template(workload)))
        if missing:
            yield f"{title(workload)} lacks {missing}"
        if labels(template(workload)).get("app.kubernetes.io/version") != _release():
            yield f"{title(workload)} is of another release than {_release()}"


def a_service_leads_to_a_port_that_is_there(found: Manifests) -> Iterator[str]:
    for service in found.of("Service"):
        templates = found.selected({"matchLabels": service["spec"]["selector"]})
        if not templates:
            yield f"{title(service)} leads nowhere"
        for one in templates:
            names = {p["name"] for p in one["spec"]["containers"][0]["ports"]}
            if missing := {p["targetPort"] for p in service["spec"]["ports"]} - names:
                yield f"{title(service)} leads to ports {missing}"


def config_maps_and_secrets_exist(found: Manifests) -> Iterator[str]:
    for workload in found.workloads():
        sources = [s for v in pod(workload).get("volumes", []) for s in _sources(v)]
        sources += [
            (kind, source[kind]["name"])
            for source in container(workload).get("envFrom", [])
            for kind in source
        ]
        for kind, name in sources:
            outside = name in {"nats-ca", "nats-nkeys"}  # the platform team's
            if "onfigMap" in kind and not (found.has("ConfigMap", name) or outside):
                yield f"{title(workload)}: there is no ConfigMap {name}"
            if "ecret" in kind and name not in known_secrets():
                yield f"{title(workload)}: there is no Secret {name}"


def no_secret_is_written_down(found: Manifests) -> Iterator[str]:
    for manifest in found.of("Secret"):
        values = manifest.get("stringData") or manifest.get("data") or {}
        if not manifest["metadata"]["name"].endswith("-mongo") or len(values) != 1:
            yield f"{title(manifest)} holds a secret"
    for workload in found.workloads():
        for variable in container(workload).get("env", []):
            if "secretKeyRef" in variable.get("valueFrom", {}):
                yield f"{title(workload)}: {variable['name']} is a secret in the environment"


def every_variable_is_a_setting(found: Manifests) -> Iterator[str]:
    classes: list[type[ServiceSettings]] = [Settings, *SETTINGS.values()]
    known = {*OTHERS, "SERVICE", *(v for one in classes for v in variables(one))}
    for config in found.of("ConfigMap"):
        if config["metadata"]["name"].startswith("switchboard-") and "data" in config:
            for name in config["data"]:
                if name.isupper() and name.removesuffix(FILE_SUFFIX) not in known:
                    yield f"{title(config)}: {name} is no setting"
    for workload in filter(is_ours, found.workloads()):
        for variable in container(workload).get("env", []):
            if not isinstance(variable["value"], str):
                yield f"{title(workload)}: {variable['name']} is no text"
            if variable["name"].removesuffix(FILE_SUFFIX) not in known:
                yield f"{title(workload)}: {variable['name']} is no setting"


def every_file_that_is_named_is_mounted(found: Manifests) -> Iterator[str]:
    config = {k: v for c in found.of("ConfigMap") for k, v in c.get("data", {}).items()}
    for workload in found.deployments():
        own = {e["name"]: e["value"] for e in container(workload)["env"]}
        service = own["SERVICE"].upper()
        mounted = {path for v in pod(workload)["volumes"] for path in _paths(v)}
        for name, value in {**config, **own}.items():
            whose = name.startswith((f"{service}_", "SWITCHBOARD_")) and mounted
            there = any(path == value or path.startswith(f"{value}/") for path in mounted)
            if whose and str(value).startswith("/run/") and not there:
                yield f"{title(workload)}: {name} names {value}, which is not mounted"
        users = Topology.load().services
        seed = f"/run/switchboard/nats/{own['SERVICE']}.nk"
        if own["SERVICE"] in users and seed not in mounted:
            yield f"{title(workload)} cannot sign in to NATS"


def who_makes_logs_sees_all_read_models(found: Manifests) -> Iterator[str]:
    """Else it could not tell an installation that is new from one that lost its logs."""
    for workload in found.of("Job", "CronJob"):
        if not {"setup", "import"} & set(container(workload)["args"]):
            continue
        folder = {e["name"]: e["value"] for e in container(workload)["env"]}.get(STORES)
        mounted = {path for v in pod(workload)["volumes"] for path in _paths(v)}
        for service in BLUEPRINTS:
            if f"{folder}/{service}" not in mounted:
                yield f"{title(workload)} cannot ask the read models of {service}"


def setup_is_named_by_the_release(found: Manifests) -> Iterator[str]:
    for job in found.of("Job"):
        if job["metadata"]["name"] != f"setup-{_release().replace('.', '-')}":
            yield f"{title(job)} is not named by release {_release()}"


def _release() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def _sources(volume: Manifest) -> Iterator[tuple[str, str]]:
    for kind, value in volume.items():
        if kind == "projected":
            for source in value["sources"]:
                yield from _sources(source)
        elif kind in {"configMap", "secret"}:
            yield kind, value.get("name") or value["secretName"]


def _paths(volume: Manifest) -> Iterator[str]:
    for source in volume.get("projected", {}).get("sources", []):
        for kind in source:
            yield from (f"/run/switchboard/{item['path']}" for item in source[kind]["items"])


LAWS = (
    names_are_names,
    nothing_is_there_twice,
    everything_is_in_one_namespace,
    nobody_gets_a_right_in_the_cluster,
    a_selector_finds_its_own_pods_whatever_the_version,
    what_is_ours_says_what_it_is,
    a_service_leads_to_a_port_that_is_there,
    config_maps_and_secrets_exist,
    no_secret_is_written_down,
    every_variable_is_a_setting,
    every_file_that_is_named_is_mounted,
    who_makes_logs_sees_all_read_models,
    setup_is_named_by_the_release,
)
