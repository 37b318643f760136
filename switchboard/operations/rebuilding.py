"""`switchboard rebuild` and `rollback`: read models made anew beside the running ones."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis.projection import Projection
from chassis.read_model_versions import Versions
from chassis.read_models import Outdated, ReadModel, ReadModelStore
from chassis.settings import WrongSettings
from switchboard.operations.comparing import Comparison, compare, settle
from switchboard.operations.filling import Filling, filling, next_version
from switchboard.operations.operator import Operator
from switchboard.operations.projections import projections_of
from switchboard.operations.shown import ALL_WELL, FAILED, WRONG

TAKE_OVER_SECONDS = 30.0
LOOK_SECONDS = 0.2
MOST_SHOWN = 50


@dataclass(frozen=True)
class Wishes:
    """What an operator wants of a rebuild."""

    dry_run: bool = False
    accept_differences: bool = False
    without_worker: bool = False


async def rebuild(operator: Operator, service: str, read_model: str | None, wishes: Wishes) -> int:
    """Fill, compare, and let the workers go over. Answers the exit code.

    Raises `FillingHalted`, `StoreUnavailable`, `ReadModelsUnavailable`, `WrongSettings`.
    """
    projections = projections_of(service, read_model)
    if wishes.without_worker:
        # On one machine a release with other read models does not start before this is done.
        await operator.start_broker()
    read_models = await operator.read_models(service)
    versions = await _versions(read_models)
    version = next_version(versions)
    whole = read_model is None
    if whole:
        await read_models.plan(version)
    else:
        # One read model alone can be looked at, but never be what readers see.
        version = max(versions.kept) + 1
    async with filling(operator, service, projections, version) as new:
        await _caught_up(operator, new)
        found = await _compared(operator, new, projections, versions)
    wrong = _report(operator, service, found)
    if wishes.dry_run or not whole:
        await read_models.discard(version)
        operator.shown.say(f"{service}: nothing was changed.")
        return WRONG if wrong else ALL_WELL
    if wrong and not wishes.accept_differences:
        operator.shown.say(
            f"{service}: nothing was swapped. If the differences are what you want, run this "
            "again with --accept-differences; what is filled stays, so that takes a moment."
        )
        return WRONG
    return await go_over(operator, service, versions.live, version, wishes)


async def rollback(operator: Operator, service: str, to: int | None, wishes: Wishes) -> int:
    """Bring a version that was kept up to date, and let the workers go over to it."""
    read_models = await operator.read_models(service)
    versions = await _versions(read_models)
    earlier = [one for one in versions.kept if one < versions.live]
    version = to or max(earlier, default=0)
    if version not in versions.kept or version == versions.live:
        kept = ", ".join(str(one) for one in versions.kept if one != versions.live)
        raise WrongSettings(
            f"{service} shows version {versions.live} of its read models. Kept besides: "
            f"{kept or 'none'}. Name one of them with --to, or run `switchboard rebuild`."
        )
    if wishes.dry_run:
        operator.shown.say(
            f"{service}: version {version} would be brought up to date and shown instead of "
            f"{versions.live}. To do it, say --yes."
        )
        return ALL_WELL
    async with filling(operator, service, projections_of(service, None), version) as old:
        await _caught_up(operator, old)
    return await go_over(operator, service, versions.live, version, wishes)


async def go_over(operator: Operator, service: str, live: int, version: int, wishes: Wishes) -> int:
    """Ask the workers to let readers see a version, and wait until they do."""
    read_models = await operator.read_models(service)
    if wishes.without_worker:
        await read_models.swap(version)
    else:
        await read_models.plan(version, ready=True)
    if not await _swapped(read_models, version):
        await read_models.plan(version)
        operator.shown.say(
            f"{service}: no worker went over to version {version} within "
            f"{TAKE_OVER_SECONDS:.0f} s; readers see version {live} as before. Start `switchboard "
            f"work {service}` and run this again, or say --without-worker if there is none on "
            "purpose. What is filled stays."
        )
        return FAILED
    for older in (await read_models.versions()).kept:
        if older not in (live, version):
            await read_models.discard(older)
    operator.shown.say(
        f"{service}: readers see version {version} now. Version {live} is kept: "
        f"`switchboard rollback {service} --to {live}` goes back to it."
    )
    return ALL_WELL


async def _versions(read_models: ReadModelStore) -> Versions:
    # Opening without any model only makes sure that there is something to look at.
    await read_models.open()
    return await read_models.versions()


async def _caught_up(operator: Operator, new: Filling) -> None:
    with operator.shown.progress() as progress:
        task = progress.add_task(f"{new.service}, version {new.version}", total=None)
        await new.caught_up(lambda done, of: progress.update(task, completed=done, total=of))


async def _compared(
    operator: Operator, new: Filling, projections: Sequence[Projection[Any]], versions: Versions
) -> Comparison:
    live = (await operator.read_models(new.service)).at(versions.live)
    models = await _comparable(operator, live, projections)
    with operator.shown.progress() as progress:
        progress.add_task(f"{new.service}, comparing", total=None)
        found = await compare(models, live, new.store)
        await settle(found, models, live, new.store)
    return found


async def _comparable(
    operator: Operator, live: ReadModelStore, projections: Sequence[Projection[Any]]
) -> list[ReadModel[Any]]:
    models = []
    for projection in projections:
        try:
            await live.open(projection.model)
        except Outdated:
            operator.shown.say(f"{projection.model.name} is new or changed: not compared.")
        else:
            models.append(projection.model)
    return models


def _report(operator: Operator, service: str, found: Comparison) -> bool:
    count = len(found.differences)
    operator.shown.say(
        f"{service}: {found.compared} documents compared with the running ones, "
        f"{count or 'none'} of them different."
    )
    rows = [
        {
            "read model": d.read_model,
            "organization": d.organization,
            "key": d.key,
            "running": d.what,
        }
        for d in found.differences
    ]
    if rows:
        operator.shown.rows(tuple(rows[0]), rows[:MOST_SHOWN])
        if count > MOST_SHOWN:
            operator.shown.say(f"… and {count - MOST_SHOWN} more.")
    return bool(rows)


async def _swapped(read_models: ReadModelStore, version: int) -> bool:
    deadline = asyncio.get_running_loop().time() + TAKE_OVER_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        if (await read_models.versions()).live == version:
            return True
        await asyncio.sleep(LOOK_SECONDS)
    return False
