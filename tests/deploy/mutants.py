"""The places of a rendering that mutations change."""

from collections.abc import Callable

from tests.deploy.manifests import Law, Manifest, Manifests, container, pod

Change = Callable[[Manifests], object]
Mutations = list[tuple[Law, Change]]


def one(found: Manifests, kind: str, name: str) -> Manifest:
    return next(m for m in found.of(kind) if m["metadata"]["name"] == name)


def api(found: Manifests) -> Manifest:
    return one(found, "Deployment", "sessions-api")


def inner(found: Manifests) -> Manifest:
    return container(api(found))


def without(thing: Manifest, *path: str) -> None:
    for key in path[:-1]:
        thing = thing[key]
    del thing[path[-1]]


def put(thing: Manifest, *path: str, to: object) -> None:
    for key in path[:-1]:
        thing = thing[key]
    thing[path[-1]] = to


def budget(found: Manifests) -> Manifest:
    spec: Manifest = one(found, "PodDisruptionBudget", "sessions-api")["spec"]
    return spec


def network(found: Manifests) -> Manifest:
    spec: Manifest = one(found, "NetworkPolicy", "sessions-network")["spec"]
    return spec


def first_match(found: Manifests) -> Manifest:
    rule = one(found, "HTTPRoute", "sessions")["spec"]["rules"][0]
    path: Manifest = rule["matches"][0]["path"]
    return path


def trigger(found: Manifests) -> Manifest:
    metadata: Manifest = found.of("ScaledObject")[0]["spec"]["triggers"][0]["metadata"]
    return metadata


def ports(found: Manifests) -> list[Manifest]:
    service: list[Manifest] = one(found, "Service", "sessions-api")["spec"]["ports"]
    return service


def mounts(found: Manifests) -> list[Manifest]:
    mounted: list[Manifest] = inner(found)["volumeMounts"]
    return mounted


def given(found: Manifests) -> list[Manifest]:
    sources: list[Manifest] = pod(api(found))["volumes"][1]["projected"]["sources"]
    return sources


def job(found: Manifests) -> Manifest:
    return found.of("Job")[0]


def settings(found: Manifests) -> Manifest:
    config = next(c for c in found.of("ConfigMap") if "SWITCHBOARD_HOST" in c["data"])
    data: Manifest = config["data"]
    return data
