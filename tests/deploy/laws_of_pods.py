"""Laws of every pod: what it may do, what it needs, how it starts and stops."""

from collections.abc import Iterator

from switchboard.catalogue import SETTINGS
from switchboard.cli import app
from tests.deploy.manifests import (
    Manifest,
    Manifests,
    container,
    is_ours,
    labels,
    matches,
    pod,
    quantity,
    template,
    title,
)

DRAIN_SECONDS = 30
"""What `serving` and the end of loops may take after SIGTERM, with a margin."""

ARCHIVES = ("archive", "export")
LOOKS = {("consumers", "lag"), ("archive", "import"), ARCHIVES}
"""Commands that change no log and no read model; without --yes an import says what it would do."""

PROBES = {"startupProbe", "readinessProbe", "livenessProbe"}
_HANDLERS = {"httpGet", "tcpSocket", "exec", "grpc"}


def a_pod_is_restricted(found: Manifests) -> Iterator[str]:
    for workload in found.workloads():
        context, inner = pod(workload).get("securityContext", {}), container(workload)
        own = inner.get("securityContext", {})
        held = (
            context.get("runAsNonRoot") is True
            and context.get("runAsUser", 0) > 0
            and context.get("seccompProfile") == {"type": "RuntimeDefault"}
            and own.get("allowPrivilegeEscalation") is False
            and own.get("readOnlyRootFilesystem") is True
            and own.get("capabilities") == {"drop": ["ALL"]}
            and not {"hostNetwork", "hostPID", "hostIPC"} & set(pod(workload))
        )
        if not held:
            yield f"{title(workload)} is not restricted"


def a_pod_has_three_probes_on_ports_it_declares(found: Manifests) -> Iterator[str]:
    for workload in found.of("Deployment", "StatefulSet"):
        inner = container(workload)
        declared = {port["name"] for port in inner.get("ports", [])}
        for probe in PROBES:
            handlers = _HANDLERS & set(inner.get(probe, {}))
            if len(handlers) != 1:
                yield f"{title(workload)}: {probe} has {len(handlers)} ways to ask"
                continue
            port = inner[probe].get(next(iter(handlers)), {}).get("port")
            if "exec" not in handlers and port not in declared:
                yield f"{title(workload)}: {probe} asks port {port}"
        if inner.get("livenessProbe", {}).get("successThreshold", 1) != 1:
            yield f"{title(workload)}: a liveness probe succeeds at once or not at all"


def our_probes_ask_different_questions(found: Manifests) -> Iterator[str]:
    for workload in found.deployments():
        paths = {container(workload).get(p, {}).get("httpGet", {}).get("path") for p in PROBES}
        if paths != {"/startupz", "/readyz", "/livez"}:
            yield f"{title(workload)} is asked {paths}"


def a_container_says_what_it_needs(found: Manifests) -> Iterator[str]:
    for workload in found.workloads():
        resources = container(workload).get("resources", {})
        wanted, most = resources.get("requests", {}), resources.get("limits", {})
        if missing := {"cpu", "memory", "ephemeral-storage"} - set(wanted):
            yield f"{title(workload)} asks for no {missing}"
        if "memory" not in most:
            yield f"{title(workload)} has no limit of memory"
        for name, value in {**wanted, **most}.items():
            if quantity(value) is None:
                yield f"{title(workload)}: {value} is no quantity of {name}"
        for name in set(wanted) & set(most):
            asked, limit = quantity(wanted[name]), quantity(most[name])
            if asked is not None and limit is not None and asked > limit:
                yield f"{title(workload)} asks for more {name} than it may have"


def a_pod_has_an_identity_without_rights(found: Manifests) -> Iterator[str]:
    accounts = {a["metadata"]["name"]: a for a in found.of("ServiceAccount")}
    for workload in found.workloads():
        spec = pod(workload)
        if spec.get("automountServiceAccountToken") is not False:
            yield f"{title(workload)} gets a token of the Kubernetes API"
        if spec.get("enableServiceLinks") is not False:
            yield f"{title(workload)} gets variables for every Service"
        account = accounts.get(spec.get("serviceAccountName", ""))
        if is_ours(workload) and (account is None or account["automountServiceAccountToken"]):
            yield f"{title(workload)} has no account of its own without a token"


def a_pod_has_time_to_stop(found: Manifests) -> Iterator[str]:
    for workload in found.deployments():
        pause = container(workload).get("lifecycle", {}).get("preStop", {}).get("sleep", {})
        if pause.get("seconds", 0) < 5:
            yield f"{title(workload)} stops before anybody knows"
        needed = pause.get("seconds", 0) + DRAIN_SECONDS
        if pod(workload).get("terminationGracePeriodSeconds", 30) < needed:
            yield f"{title(workload)} is killed before it has finished"


def volumes_fit(found: Manifests) -> Iterator[str]:
    for workload in found.workloads():
        claims = workload["spec"].get("volumeClaimTemplates", [])
        known = {claim["metadata"]["name"] for claim in claims}
        for volume in pod(workload).get("volumes", []):
            known.add(volume["name"])
            if len(set(volume) - {"name"}) != 1:
                yield f"{title(workload)}: volume {volume['name']} is not of one kind"
        mounts = container(workload).get("volumeMounts", [])
        if len({mount["mountPath"] for mount in mounts}) != len(mounts):
            yield f"{title(workload)} mounts twice at one place"
        for mount in mounts:
            if mount["name"] not in known:
                yield f"{title(workload)} mounts {mount['name']}, which is not there"


def port_names_are_short_and_unique(found: Manifests) -> Iterator[str]:
    for workload in found.workloads():
        names = [port["name"] for port in container(workload).get("ports", [])]
        if len(names) != len(set(names)) or any(len(name) > 15 for name in names):
            yield f"{title(workload)}: ports {names}"


def a_pod_runs_a_command_that_exists(found: Manifests) -> Iterator[str]:
    commands = {c.name or getattr(c.callback, "__name__", "") for c in app.registered_commands}
    commands |= {group.name or "" for group in app.registered_groups}
    for workload in filter(is_ours, found.workloads()):
        inner = container(workload)
        if inner["args"][0] not in commands:
            yield f"{title(workload)}: there is no command {inner['args'][0]}"
        service = {e["name"]: e["value"] for e in inner.get("env", [])}.get("SERVICE")
        if "$(SERVICE)" in inner["args"] and service not in SETTINGS:
            yield f"{title(workload)}: there is no service {service}"


def a_rollout_never_has_fewer_pods(found: Manifests) -> Iterator[str]:
    for workload in found.deployments():
        rolling = workload["spec"].get("strategy", {}).get("rollingUpdate", {})
        if rolling != {"maxSurge": 1, "maxUnavailable": 0}:
            yield f"{title(workload)} rolls out as {rolling}"


def pods_are_spread(found: Manifests) -> Iterator[str]:
    for workload in found.deployments():
        spread = pod(workload).get("topologySpreadConstraints", [])
        keys = {s["topologyKey"] for s in spread if s["maxSkew"] >= 1}
        own = labels(template(workload))
        if keys != {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}:
            yield f"{title(workload)} is spread over {keys}"
        if not all(matches(s["labelSelector"], own) for s in spread):
            yield f"{title(workload)} is spread by others' labels"
        if any(s["whenUnsatisfiable"] not in {"ScheduleAnyway", "DoNotSchedule"} for s in spread):
            yield f"{title(workload)} says what nobody knows about spreading"


def a_disruption_takes_one_pod(found: Manifests) -> Iterator[str]:
    budgets = found.of("PodDisruptionBudget")
    for budget in budgets:
        if len({"minAvailable", "maxUnavailable"} & set(budget["spec"])) != 1:
            yield f"{title(budget)} has not one measure"
        if budget["spec"].get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield f"{title(budget)}: pods that are not ready hold up a drain"
        if not found.selected(budget["spec"]["selector"]):
            yield f"{title(budget)} is about nothing"
    for workload in found.deployments():
        own = labels(template(workload))
        if sum(matches(b["spec"]["selector"], own) for b in budgets) != 1:
            yield f"{title(workload)} has not one budget of disruptions"


def a_job_ends(found: Manifests) -> Iterator[str]:
    for workload in found.of("Job", "CronJob"):
        spec: Manifest = workload["spec"]
        spec = spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec
        if pod(workload).get("restartPolicy") not in {"OnFailure", "Never"}:
            yield f"{title(workload)} starts again for ever"
        if not {"backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"} <= set(spec):
            yield f"{title(workload)} has no end"


def a_job_of_operators_changes_nothing_unless_told_to(found: Manifests) -> Iterator[str]:
    for workload in found.of("CronJob"):
        if (command := tuple(container(workload)["args"])) not in LOOKS:
            yield f"{title(workload)} does {command} without being told"
        if not workload["spec"]["suspend"] and command != ARCHIVES:
            yield f"{title(workload)} runs by itself"


LAWS = (
    a_pod_is_restricted,
    a_pod_has_three_probes_on_ports_it_declares,
    our_probes_ask_different_questions,
    a_container_says_what_it_needs,
    a_pod_has_an_identity_without_rights,
    a_pod_has_time_to_stop,
    volumes_fit,
    port_names_are_short_and_unique,
    a_pod_runs_a_command_that_exists,
    a_rollout_never_has_fewer_pods,
    pods_are_spread,
    a_disruption_takes_one_pod,
    a_job_ends,
    a_job_of_operators_changes_nothing_unless_told_to,
)
