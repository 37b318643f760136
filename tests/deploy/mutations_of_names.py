"""What the laws of names and references are there to catch."""

from copy import deepcopy

from tests.deploy import laws_of_names as names
from tests.deploy.manifests import container, pod, template
from tests.deploy.mutants import (
    Mutations,
    api,
    given,
    inner,
    job,
    one,
    ports,
    put,
    settings,
    without,
)

MUTATIONS: Mutations = [
    (names.names_are_names, lambda f: put(api(f), "metadata", "name", to="Sessions")),
    (
        names.names_are_names,
        lambda f: put(api(f), "metadata", "labels", "a", to="with a space"),
    ),
    (names.nothing_is_there_twice, lambda f: f.all.append(deepcopy(api(f)))),
    (
        names.everything_is_in_one_namespace,
        lambda f: put(api(f), "metadata", "namespace", to="default"),
    ),
    (
        names.nobody_gets_a_right_in_the_cluster,
        lambda f: f.all.append({"kind": "ClusterRole", "metadata": {"name": "all"}}),
    ),
    (
        names.a_selector_finds_its_own_pods_whatever_the_version,
        lambda f: put(
            template(api(f)), "metadata", "labels", "app.kubernetes.io/component", to="ap"
        ),
    ),
    (
        names.a_selector_finds_its_own_pods_whatever_the_version,
        lambda f: put(
            api(f),
            "spec",
            "selector",
            "matchLabels",
            "app.kubernetes.io/version",
            to=template(api(f))["metadata"]["labels"]["app.kubernetes.io/version"],
        ),
    ),
    (
        names.what_is_ours_says_what_it_is,
        lambda f: without(template(api(f)), "metadata", "labels", "app.kubernetes.io/part-of"),
    ),
    (
        names.what_is_ours_says_what_it_is,
        lambda f: put(
            template(api(f)), "metadata", "labels", "app.kubernetes.io/version", to="0.0.9"
        ),
    ),
    (
        names.a_service_leads_to_a_port_that_is_there,
        lambda f: put(ports(f)[0], "targetPort", to="web"),
    ),
    (
        names.a_service_leads_to_a_port_that_is_there,
        lambda f: put(one(f, "Service", "sessions-api"), "spec", "selector", to={"app": "x"}),
    ),
    (
        names.config_maps_and_secrets_exist,
        lambda f: put(inner(f)["envFrom"][0], "configMapRef", to={"name": "switchboard"}),
    ),
    (
        names.config_maps_and_secrets_exist,
        lambda f: put(given(f)[0], "secret", "name", to="session-nats"),
    ),
    (
        names.config_maps_and_secrets_exist,
        lambda f: put(
            inner(f)["envFrom"][0], "secretRef", to={"name": "nothing-that-anybody-makes"}
        ),
    ),
    (
        names.no_secret_is_written_down,
        lambda f: f.all.append(
            {"kind": "Secret", "metadata": {"name": "keys"}, "stringData": {"a": "b"}}
        ),
    ),
    (
        names.no_secret_is_written_down,
        lambda f: inner(f)["env"].append({"name": "A", "valueFrom": {"secretKeyRef": {}}}),
    ),
    (names.every_variable_is_a_setting, lambda f: put(settings(f), "SESSIONS_KEYRINGS", to="x")),
    (names.every_variable_is_a_setting, lambda f: put(inner(f)["env"][0], "value", to=1)),
    (names.every_file_that_is_named_is_mounted, lambda f: given(f).pop()),
    (
        names.every_file_that_is_named_is_mounted,
        lambda f: put(settings(f), "SESSIONS_KEYRING", to="/run/switchboard/keys/other.json"),
    ),
    (
        names.who_makes_logs_sees_all_read_models,
        lambda f: pod(job(f))["volumes"][1]["projected"]["sources"].pop(2),
    ),
    (
        names.who_makes_logs_sees_all_read_models,
        lambda f: container(one(f, "CronJob", "restore"))["env"].pop(),
    ),
    (names.setup_is_named_by_the_release, lambda f: put(job(f), "metadata", "name", to="setup")),
]
