"""What the laws of pods are there to catch."""

from tests.deploy import laws_of_pods as pods
from tests.deploy.manifests import container, pod
from tests.deploy.mutants import Mutations, api, budget, inner, job, mounts, one, put, without

MUTATIONS: Mutations = [
    (pods.a_pod_is_restricted, lambda f: without(inner(f), "securityContext", "capabilities")),
    (pods.a_pod_is_restricted, lambda f: put(pod(api(f)), "hostNetwork", to=True)),
    (pods.a_pod_is_restricted, lambda f: put(pod(api(f)), "securityContext", "runAsUser", to=0)),
    (
        pods.a_pod_has_three_probes_on_ports_it_declares,
        lambda f: put(inner(f), "readinessProbe", "tcpSocket", to={"port": "http"}),
    ),
    (
        pods.a_pod_has_three_probes_on_ports_it_declares,
        lambda f: put(inner(f), "livenessProbe", "successThreshold", to=2),
    ),
    (
        pods.a_pod_has_three_probes_on_ports_it_declares,
        lambda f: put(inner(f), "startupProbe", "httpGet", "port", to="htp"),
    ),
    (
        pods.our_probes_ask_different_questions,
        lambda f: put(inner(f), "livenessProbe", "httpGet", "path", to="/readyz"),
    ),
    (
        pods.a_container_says_what_it_needs,
        lambda f: put(inner(f), "resources", "requests", "memory", to="1Gi"),
    ),
    (
        pods.a_container_says_what_it_needs,
        lambda f: put(inner(f), "resources", "limits", "memory", to="256MB"),
    ),
    (
        pods.a_container_says_what_it_needs,
        lambda f: without(inner(f), "resources", "requests", "cpu"),
    ),
    (
        pods.a_pod_has_an_identity_without_rights,
        lambda f: without(pod(api(f)), "automountServiceAccountToken"),
    ),
    (
        pods.a_pod_has_an_identity_without_rights,
        lambda f: put(pod(api(f)), "serviceAccountName", to="default"),
    ),
    (
        pods.a_pod_has_time_to_stop,
        lambda f: put(pod(api(f)), "terminationGracePeriodSeconds", to=-1),
    ),
    (pods.a_pod_has_time_to_stop, lambda f: without(inner(f), "lifecycle")),
    (pods.volumes_fit, lambda f: put(mounts(f)[0], "name", to="nothing")),
    (pods.volumes_fit, lambda f: put(mounts(f)[0], "mountPath", to="/run/switchboard")),
    (
        pods.volumes_fit,
        lambda f: put(pod(api(f))["volumes"][0], "configMap", to={"name": "nats-ca"}),
    ),
    (
        pods.port_names_are_short_and_unique,
        lambda f: put(inner(f)["ports"][0], "name", to="a-name-that-is-too-long"),
    ),
    (pods.a_pod_runs_a_command_that_exists, lambda f: put(inner(f), "args", to=["sevre"])),
    (
        pods.a_pod_runs_a_command_that_exists,
        lambda f: put(inner(f)["env"][0], "value", to="session"),
    ),
    (
        pods.a_rollout_never_has_fewer_pods,
        lambda f: put(api(f), "spec", "strategy", "rollingUpdate", "maxSurge", to=0),
    ),
    (
        pods.pods_are_spread,
        lambda f: put(pod(api(f))["topologySpreadConstraints"][0], "maxSkew", to=0),
    ),
    (
        pods.pods_are_spread,
        lambda f: put(
            pod(api(f))["topologySpreadConstraints"][0], "whenUnsatisfiable", to="Schedule"
        ),
    ),
    (pods.a_disruption_takes_one_pod, lambda f: put(budget(f), "minAvailable", to=1)),
    (
        pods.a_disruption_takes_one_pod,
        lambda f: put(budget(f), "selector", "matchLabels", to={"app": "other"}),
    ),
    (pods.a_job_ends, lambda f: put(pod(job(f)), "restartPolicy", to="Always")),
    (pods.a_job_ends, lambda f: without(job(f), "spec", "activeDeadlineSeconds")),
    (
        pods.a_job_of_operators_changes_nothing_unless_told_to,
        lambda f: container(one(f, "CronJob", "restore"))["args"].append("--yes"),
    ),
    (
        pods.a_job_of_operators_changes_nothing_unless_told_to,
        lambda f: put(one(f, "CronJob", "sessions-operations"), "spec", "suspend", to=False),
    ),
]
