"""The page `docs/topology.md`: what `setup` makes, and what each service may reach."""

from collections.abc import Iterable, Iterator

from chassis.jetstream.accounts import rights
from chassis.jetstream.topology import Topology
from chassis.jetstream.topology_file import Stream

_HEAD = """\
<!-- Generated from deploy/topology.yaml by `make schemas`. Do not edit. -->
# Streams, durables and rights

`switchboard setup` makes all of this, and changes what differs. `SWITCHBOARD_STREAM_REPLICAS` says
on how many servers each stream is kept.
"""


def topology_page(topology: Topology) -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_streams(topology), "", *_durables(topology), "", *_rights(topology)])


def _streams(topology: Topology) -> Iterator[str]:
    rows = (
        (f"`{s.name}`", _code(s.subjects), s.settings.storage, _kept(s))
        for s in topology.streams.values()
    )
    yield from _table("Streams", ("stream", "subjects", "storage", "keeps"), rows)


def _kept(stream: Stream) -> str:
    settings = stream.settings
    kept = "the last message of a subject" if settings.max_msgs_per_subject == 1 else "everything"
    return f"{kept}, for {settings.max_age}" if settings.max_age else kept


def _durables(topology: Topology) -> Iterator[str]:
    rows = (
        (f"`{d.name}`", f"`{d.stream}`", d.settings.ack_policy, _code(d.filter_subjects))
        for d in topology.durables
    )
    yield from _table("Durables", ("durable", "stream", "acknowledges", "gets"), rows)


def _rights(topology: Topology) -> Iterator[str]:
    rows = (
        (f"`{service}`", _code(right.subject for right in rights(topology, service)))
        for service in (*topology.services, *topology.subscribers)
    )
    yield from _table("What a service or team may send to", ("who", "subjects"), rows)


def _code(subjects: Iterable[str]) -> str:
    return ", ".join(f"`{subject}`" for subject in subjects)


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield from (f"## {title}", "", f"| {' | '.join(head)} |", "| --- " * len(head) + "|")
    yield from (f"| {' | '.join(row)} |" for row in rows)
