"""The topology file, what is generated from it, and the mistakes it refuses."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from chassis.jetstream.accounts import generated_files, rights
from chassis.jetstream.jetstream_config import consumer_config, stream_config
from chassis.jetstream.subject_patterns import covers, overlap
from chassis.jetstream.topology import DEFAULT_PATH, PATH_VARIABLE, Topology

ROOT = Path(__file__).parents[3]
SHIPPED: dict[str, Any] = yaml.safe_load(DEFAULT_PATH.read_text())


def changed(*path: str, to: object) -> dict[str, Any]:
    content = deepcopy(SHIPPED)
    place = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return content


def subscribing(
    reads: dict[str, list[str]], *, name: str = "wallboard", organization: str = "*"
) -> dict[str, Any]:
    return changed("subscribers", to={name: {"reads": reads, "organization": organization}})


@pytest.mark.parametrize("path", list(generated_files(Topology.load())), ids=str)
def test_the_committed_file_is_what_the_topology_generates(path: Path) -> None:
    wanted = generated_files(Topology.load(DEFAULT_PATH))[path]
    assert (ROOT / path).read_text() == wanted, "run `make schemas`"


def test_durables_are_named_by_service_kind_and_stream() -> None:
    names = [durable.name for durable in Topology.load().durables_of("notifier")]
    assert names == [
        "notifier-projector-notifier",
        "notifier-projector-provisioning",
        "notifier-projector-sessions",
        "notifier-reactions-activation",
        "notifier-reactions-notifier",
    ]


def test_a_reaction_is_delivered_the_event_types_it_names_and_no_others() -> None:
    durables = {durable.name: durable for durable in Topology.load().durables}
    assert consumer_config(durables["provisioning-reactions-sessions"]) == {
        "durable_name": "provisioning-reactions-sessions",
        "deliver_policy": "all",
        "filter_subjects": ["evt.sessions.*.*.*.*.OrganizationRegistered"],
        "ack_policy": "explicit",
        "ack_wait": 20_000_000_000,
        "max_ack_pending": 200_000,
        "max_deliver": -1,
    }


def test_a_log_cannot_be_purged_but_single_messages_can_be_erased() -> None:
    config = stream_config(Topology.load().streams["SESSIONS"])
    assert config["deny_purge"] is True
    assert "deny_delete" not in config
    assert config["allow_atomic"] is True
    assert (config["max_age"], config["max_msgs_per_subject"]) == (0, -1)


def test_a_cluster_has_the_same_streams_with_more_replicas() -> None:
    one, three = Topology.load(), Topology.load().with_replicas(3)
    assert {s.settings.replicas for s in three.streams.values()} == {3}
    assert three.durables == one.durables
    assert generated_files(three) == generated_files(one)


def test_no_service_has_a_right_over_consumers_or_streams_as_such() -> None:
    topology = Topology.load()
    for service in topology.services:
        # Its eraser, a user of the same account, may delete single messages; it itself may not.
        erasure = f"$JS.API.STREAM.MSG.DELETE.{topology.stream_of(service)}"
        subjects = {right.subject for right in rights(topology, service)} - (
            {erasure} if service in topology.erasers else set()
        )
        for word in ("CREATE", "UPDATE", "DELETE", "PURGE", "MSG.GET"):
            assert not any(word in subject for subject in subjects)


def test_another_file_is_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "topology.yaml"
    other.write_text(yaml.safe_dump(changed("version", to=7)))
    monkeypatch.setenv(PATH_VARIABLE, str(other))
    assert Topology.load().version == 7


def test_a_missing_file_is_an_error_that_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=PATH_VARIABLE):
        Topology.load(tmp_path / "none.yaml")


def test_a_subscriber_gets_a_durable_per_log_filtered_by_what_it_reads() -> None:
    reads = {"PROVISIONING": ["device.*", "contact.ContactErased"], "SESSIONS": ["*.AgentSignedIn"]}
    durables = Topology.model_validate(subscribing(reads)).durables_of("wallboard")
    assert {durable.name: durable.filter_subjects for durable in durables} == {
        "wallboard-subscriber-provisioning": (
            "evt.provisioning.*.device.*.*.*",
            "evt.provisioning.*.contact.*.*.ContactErased",
        ),
        "wallboard-subscriber-sessions": ("evt.sessions.*.*.*.*.AgentSignedIn",),
    }


def test_a_subscriber_may_be_kept_to_one_organization() -> None:
    organization = "0190a8f0-1111-7000-8000-000000000001"
    content = subscribing({"SESSIONS": ["session.*"]}, organization=organization)
    (durable,) = Topology.model_validate(content).durables_of("wallboard")
    assert durable.filter_subjects == (f"evt.sessions.{organization}.session.*.*.*",)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (changed("services", "sessions", "projects", to=["BILLING"]), "BILLING is no log"),
        (changed("services", "sessions", "projects", to=["HEARTBEATS"]), "HEARTBEATS is no log"),
        (changed("services", "sessions", "reacts", to={"NOTIFIER": []}), "at least 1 item"),
        (changed("services", "sessions", "reacts", to={"NOTIFIER": ["a.*"]}), "pattern"),
        (changed("services", "setup", to={}), "may not be called setup"),
        (changed("services", "bil*ing", to={}), "pattern"),
        (changed("rpc", "rpc.x", to={"served_by": "x", "requested_by": []}), "unknown service x"),
        (changed("shared", "HEARTBEATS", "get", to={"x": "heartbeat.>"}), "unknown service x"),
        (
            changed("shared", "HEARTBEATS", "publish", to={"sessions": "evt.activation.>"}),
            "does not capture evt.activation.>",
        ),
        (changed("shared", "HEARTBEATS", "publish", to={"sessions": ">"}), "does not capture >"),
        (changed("shared", "DEAD_LETTERS", "subjects", to=["*.notifier.>"]), "the same subject"),
        (changed("log", "max_age", to="30d"), "deletes events"),
        (changed("log", "max_msgs_per_subject", to=1), "deletes events"),
        (changed("defaults", "retention", to="workqueue"), "deletes events"),
        (changed("defaults", "max_agee", to="1d"), "not permitted"),
        (changed("defaults", "replicas", to=0), "greater than or equal to 1"),
        (changed("shared", "IDEMPOTENCY", "max_age", to="a day"), "max_age"),
        (subscribing({"BILLING": ["device.*"]}), "BILLING is no log"),
        (subscribing({"PROVISIONING": ["DeviceCreated"]}), "pattern"),
        (subscribing({"PROVISIONING": []}), "at least 1 item"),
        (subscribing({}), "at least 1 item"),
        (subscribing({"PROVISIONING": ["device.DeviceCreatd"]}), "see docs/events.md"),
        (subscribing({"SESSIONS": ["device.*"]}), "SESSIONS has no device.*"),
        (subscribing({"SESSIONS": ["session.*"]}, organization="acme"), "pattern"),
        (subscribing({"SESSIONS": ["session.*"]}, name="ops"), "this name is taken"),
        (subscribing({"SESSIONS": ["session.*"]}, name="sessions"), "this name is taken"),
        (subscribing({"SESSIONS": ["session.*"]}, name="provisioning_eraser"), "name is taken"),
    ],
)
def test_a_mistake_in_the_file_is_refused(content: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Topology.model_validate(content)
    assert complaint in str(refused.value)


@pytest.mark.parametrize(
    ("pattern", "subject", "whole"),
    [
        ("a.>", "a.b", True),
        ("a.>", "a", False),
        ("a.>", "a.>", True),
        ("a.*", "a.>", False),
        ("a.*", "a.b.c", False),
        ("*.b", "a.b", True),
        ("a.b", "a.*", False),
        ("a.b.c", "a.b", False),
    ],
)
def test_a_pattern_covers_what_it_matches(pattern: str, subject: str, whole: bool) -> None:
    assert covers(pattern, subject) is whole


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("a.>", "a.b", True),
        ("a.*", "*.b", True),
        ("a.*.c", "a.b", False),
        ("a.b", "a.c", False),
        (">", "a", True),
    ],
)
def test_patterns_overlap_when_one_subject_matches_both(one: str, other: str, shared: bool) -> None:
    assert overlap(one, other) is overlap(other, one) is shared
