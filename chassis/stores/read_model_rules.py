"""What every read-model store refuses, in the same words."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from chassis.read_model_versions import StillLive, UnknownVersion
from chassis.read_models import AnotherLog, Checkpoint, Outdated, ReadModel
from chassis.stores.documents import shape

STALE = "Another projector wrote these documents first: read them again and fold again."


def refuse_outdated(
    models: Iterable[ReadModel[Any]], kept: Mapping[str, str], *, filled: bool
) -> None:
    """Raise `Outdated` if events were folded that one of `models` did not see in its shape."""
    changed = [model.name for model in models if kept.get(model.name) != shape(model)]
    if filled and changed:
        raise Outdated(
            f"{', '.join(changed)}: new or changed since these read models were filled. "
            "Fill a new version from the log and swap it in: stop every worker, run "
            "`switchboard rebuild --all --yes --without-worker`, and start again."
        )


def refuse_another_log(old: Checkpoint | None, new: Checkpoint) -> None:
    """Raise `AnotherLog` if the checkpoints are not of the same stream."""
    if old is not None and old.incarnation != new.incarnation:
        raise AnotherLog(
            f"The read models of {new.projector} were filled from {new.stream} as created at "
            f"{old.incarnation}, this one was created at {new.incarnation}. Restore the log, or "
            "fill a new version from this one and swap it in."
        )


def refuse_unknown(version: int, kept: Collection[int]) -> None:
    """Raise `UnknownVersion` if there is nothing to swap to."""
    if version not in kept:
        raise UnknownVersion(
            f"There is no version {version} of the read models: fill it first. "
            f"Kept are {', '.join(map(str, kept)) or 'none'}."
        )


def refuse_live(version: int, live: int) -> None:
    """Raise `StillLive` if readers would lose what they see."""
    if version == live:
        raise StillLive(f"Version {version} is live: swap to another version before discarding it.")
