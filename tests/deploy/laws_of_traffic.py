"""Laws of who reaches whom, and of what grows with the load."""

from collections.abc import Iterator
from ipaddress import ip_network

from chassis.jetstream.topology import Topology
from tests.deploy.manifests import (
    Manifest,
    Manifests,
    container,
    is_ours,
    labels,
    matches,
    template,
    title,
)

MAIL_PORTS = {25, 465, 587, 1025}
OPERATIONS = ("/livez", "/readyz", "/startupz", "/metrics")


def every_pod_has_a_policy_for_the_network(found: Manifests) -> Iterator[str]:
    policies = [p for p in found.of("NetworkPolicy") if p["spec"]["podSelector"]]
    for workload in found.workloads():
        own = labels(template(workload))
        chosen = [p for p in policies if matches(p["spec"]["podSelector"], own)]
        directions = {d for p in chosen for d in p["spec"]["policyTypes"]}
        if "Ingress" not in directions or (is_ours(workload) and "Egress" not in directions):
            yield f"{title(workload)} may be reached by, or reach, anybody"


def only_the_notifier_reaches_mail_servers(found: Manifests) -> Iterator[str]:
    for policy in found.of("NetworkPolicy"):
        rules = policy["spec"].get("egress", [])
        ports = {port["port"] for rule in rules for port in rule.get("ports", [])}
        if any("ports" not in rule for rule in rules):
            yield f"{title(policy)} opens every port"
        if ports & MAIL_PORTS and policy["metadata"]["name"] != "notifier-network":
            yield f"{title(policy)} opens the way to mail servers"


def networks_are_networks(found: Manifests) -> Iterator[str]:
    for policy in found.of("NetworkPolicy"):
        spec = policy["spec"]
        peers = [p for r in spec.get("egress", []) for p in r.get("to", [])]
        peers += [p for r in spec.get("ingress", []) for p in r.get("from", [])]
        for block in (peer["ipBlock"]["cidr"] for peer in peers if "ipBlock" in peer):
            try:
                ip_network(block)
            except ValueError:
                yield f"{title(policy)}: {block} is no network"


def in_production_nothing_is_open_that_is_not_named(found: Manifests) -> Iterator[str]:
    if found.name == "install-prod" and not found.has("NetworkPolicy", "default-deny"):
        yield "there is no default"


def a_route_leads_to_a_service(found: Manifests) -> Iterator[str]:
    for manifest, name, port in _backends(found):
        services = [s for s in found.of("Service") if s["metadata"]["name"] == name]
        ports = {p[key] for s in services for p in s["spec"]["ports"] for key in ("name", "port")}
        if port not in ports:
            yield f"{title(manifest)} leads to {name}:{port}"


def nobody_outside_reaches_probes_and_metrics(found: Manifests) -> Iterator[str]:
    for manifest, kind, path in _paths(found):
        if not str(path).startswith("/"):
            yield f"{title(manifest)}: {path} does not begin with a slash"
        covered = [o for o in OPERATIONS if o == path or (kind != "Exact" and path in {"/", o})]
        if covered:
            yield f"{title(manifest)} lets {covered} through by {path}"


def a_path_says_how_it_is_compared(found: Manifests) -> Iterator[str]:
    known = {"Exact", "Prefix", "ImplementationSpecific", "PathPrefix", "RegularExpression"}
    for manifest, kind, path in _paths(found):
        if kind not in known:
            yield f"{title(manifest)}: {path} is compared by {kind}"


def what_grows_exists_and_grows_by_one_rule(found: Manifests) -> Iterator[str]:
    targets = []
    for scaler in found.of("HorizontalPodAutoscaler", "ScaledObject"):
        spec = scaler["spec"]
        target = spec["scaleTargetRef"]["name"]
        targets.append(target)
        least = spec.get("minReplicas", spec.get("minReplicaCount", 1))
        if least > spec.get("maxReplicas", spec.get("maxReplicaCount", 0)) or least < 2:
            yield f"{title(scaler)} grows from {least}"
        chosen = [d for d in found.of("Deployment") if d["metadata"]["name"] == target]
        if len(chosen) != 1:
            yield f"{title(scaler)}: there is no {target}"
        if any("replicas" in d["spec"] for d in chosen):
            yield f"{title(scaler)}: every apply sets {target} back"
    for one in found.deployments():
        if "replicas" not in one["spec"] and one["metadata"]["name"] not in targets:
            yield f"nobody says how many there are of {title(one)}"
    if len(targets) != len(set(targets)):
        yield f"two rules for one of {targets}"


def what_makes_workers_grow_is_in_the_topology(found: Manifests) -> Iterator[str]:
    known = {(d.stream, d.name): d.service for d in Topology.load().durables}
    for scaler in found.of("ScaledObject"):
        for trigger in scaler["spec"]["triggers"]:
            wanted = trigger["metadata"]
            if not all(isinstance(value, str) for value in wanted.values()):
                yield f"{title(scaler)}: KEDA takes text only"
            service = known.get((wanted["stream"], wanted["consumer"]))
            if f"{service}-worker" != scaler["spec"]["scaleTargetRef"]["name"]:
                yield f"{title(scaler)} grows by {wanted['consumer']} of {wanted['stream']}"


def images_are_pinned(found: Manifests) -> Iterator[str]:
    for workload in found.workloads():
        image = container(workload)["image"]
        name = image.rpartition("/")[2]
        if found.name == "install-prod" and "@sha256:" not in image:
            yield f"{title(workload)} runs {image}, whatever that is today"
        if ":" not in name or name.endswith(":latest"):
            yield f"{title(workload)} runs {image} without a version"


def nobody_is_believed_whom_nobody_named(found: Manifests) -> Iterator[str]:
    for config in found.of("ConfigMap"):
        if believed := config.get("data", {}).get("SWITCHBOARD_TRUSTED_PROXIES"):
            yield f"{title(config)}: {believed} may say for whom they ask, whose network is that?"


def setup_is_done_by_one(found: Manifests) -> Iterator[str]:
    if found.of("Stream") and found.of("Job"):
        yield "both NACK and setup own the streams"
    if not found.of("Stream") and not found.of("Job"):
        yield "nobody makes the streams"


def _backends(found: Manifests) -> Iterator[tuple[Manifest, str, object]]:
    for route in found.of("HTTPRoute"):
        for rule in route["spec"]["rules"]:
            for backend in rule["backendRefs"]:
                yield route, backend["name"], backend["port"]
    for one in found.of("Ingress"):
        for rule in one["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                service = path["backend"]["service"]
                yield one, service["name"], next(iter(service["port"].values()))


def _paths(found: Manifests) -> Iterator[tuple[Manifest, str, str]]:
    for route in found.of("HTTPRoute"):
        for rule in route["spec"]["rules"]:
            for match in rule["matches"]:
                yield route, match["path"].get("type"), match["path"]["value"]
    for one in found.of("Ingress"):
        for rule in one["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                yield one, path.get("pathType"), path["path"]


LAWS = (
    every_pod_has_a_policy_for_the_network,
    only_the_notifier_reaches_mail_servers,
    networks_are_networks,
    in_production_nothing_is_open_that_is_not_named,
    a_route_leads_to_a_service,
    nobody_outside_reaches_probes_and_metrics,
    a_path_says_how_it_is_compared,
    what_grows_exists_and_grows_by_one_rule,
    what_makes_workers_grow_is_in_the_topology,
    images_are_pinned,
    nobody_is_believed_whom_nobody_named,
    setup_is_done_by_one,
)
