"""What the laws of traffic and growth are there to catch."""

from copy import deepcopy

from tests.deploy import laws_of_traffic as traffic
from tests.deploy.mutants import (
    Mutations,
    api,
    first_match,
    inner,
    job,
    network,
    one,
    ports,
    put,
    settings,
    trigger,
    without,
)

MUTATIONS: Mutations = [
    (
        traffic.every_pod_has_a_policy_for_the_network,
        lambda f: put(network(f), "policyTypes", to=["Ingress"]),
    ),
    (
        traffic.only_the_notifier_reaches_mail_servers,
        lambda f: network(f)["egress"].append({"ports": [{"port": 587}]}),
    ),
    (traffic.only_the_notifier_reaches_mail_servers, lambda f: network(f)["egress"].append({})),
    (
        traffic.networks_are_networks,
        lambda f: network(f)["egress"].append({"to": [{"ipBlock": {"cidr": "10.0.0.1/8"}}]}),
    ),
    (
        traffic.in_production_nothing_is_open_that_is_not_named,
        lambda f: f.all.remove(one(f, "NetworkPolicy", "default-deny")),
    ),
    (traffic.a_route_leads_to_a_service, lambda f: put(ports(f)[0], "port", to=80)),
    (
        traffic.nobody_outside_reaches_probes_and_metrics,
        lambda f: put(first_match(f), "value", to="/"),
    ),
    (
        traffic.nobody_outside_reaches_probes_and_metrics,
        lambda f: put(first_match(f), "value", to="api"),
    ),
    (traffic.a_path_says_how_it_is_compared, lambda f: without(first_match(f), "type")),
    (
        traffic.what_grows_exists_and_grows_by_one_rule,
        lambda f: put(f.of("HorizontalPodAutoscaler")[0], "spec", "minReplicas", to=99),
    ),
    (
        traffic.what_grows_exists_and_grows_by_one_rule,
        lambda f: put(
            f.of("HorizontalPodAutoscaler")[0], "spec", "scaleTargetRef", "name", to="nothing"
        ),
    ),
    (
        traffic.what_grows_exists_and_grows_by_one_rule,
        lambda f: f.all.append(deepcopy(f.of("ScaledObject")[0])),
    ),
    (
        traffic.what_grows_exists_and_grows_by_one_rule,
        lambda f: put(api(f), "spec", "replicas", to=2),
    ),
    (
        traffic.what_grows_exists_and_grows_by_one_rule,
        lambda f: f.all.remove(f.of("ScaledObject")[0]),
    ),
    (
        traffic.what_makes_workers_grow_is_in_the_topology,
        lambda f: put(trigger(f), "consumer", to="notifier-reactions"),
    ),
    (
        traffic.what_makes_workers_grow_is_in_the_topology,
        lambda f: put(trigger(f), "lagThreshold", to=100),
    ),
    (traffic.images_are_pinned, lambda f: put(inner(f), "image", to="docker.io/library/nats:2")),
    (
        traffic.nobody_is_believed_whom_nobody_named,
        lambda f: put(settings(f), "SWITCHBOARD_TRUSTED_PROXIES", to="10.0.0.0/8"),
    ),
    (traffic.setup_is_done_by_one, lambda f: f.all.remove(job(f))),
    (
        traffic.setup_is_done_by_one,
        lambda f: f.all.append({"kind": "Stream", "metadata": {"name": "sessions"}}),
    ),
]
