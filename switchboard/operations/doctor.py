"""`switchboard doctor`: looks at everything an installation needs, and says what to mend."""

import asyncio
import json
import shutil
import stat
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nats.errors import Error as NatsError

from chassis.jetstream import setup
from chassis.jetstream.accounts import users
from chassis.jetstream.nkeys import seed_file
from chassis.key_files import WrongKeyFile, read_keys
from chassis.read_model_versions import Versions
from chassis.read_models import Outdated, ReadModelsUnavailable
from switchboard.catalogue import BLUEPRINTS
from switchboard.operations.archive.manifest import Manifest
from switchboard.operations.failures import EXPECTED
from switchboard.operations.operator import OPS, Operator
from switchboard.operations.projections import projections_of
from switchboard.operations.shown import ALL_WELL, WRONG

LEAST_SERVER = (2, 15, 1)
LEAST_FREE = 0.2
MOST_SKEW_SECONDS = 1.0
OLD_ARCHIVE_HOURS = 25


@dataclass(frozen=True)
class Opinion:
    """About one thing: fine (no remedy), or what to do."""

    thing: str
    found: str
    remedy: str | None = None


Check = Callable[[Operator], AsyncIterator[Opinion]]


async def doctor(operator: Operator) -> int:
    """Run every check; one that cannot be run is a finding as well."""
    opinions = [opinion for check in CHECKS async for opinion in _run(check, operator)]
    rows = [
        {"": "ok" if one.remedy is None else "WRONG", "what": one.thing, "found": one.found}
        | ({"to do": one.remedy} if one.remedy else {})
        for one in opinions
    ]
    operator.shown.rows(("", "what", "found", "to do"), rows)
    wrong = sum(one.remedy is not None for one in opinions)
    operator.shown.say(f"{wrong} to mend." if wrong else "Everything is fine.")
    return WRONG if wrong else ALL_WELL


async def _run(check: Check, operator: Operator) -> AsyncIterator[Opinion]:
    try:
        async for opinion in check(operator):
            yield opinion
    except (*EXPECTED, NatsError, TimeoutError) as error:
        yield Opinion(check.__name__, type(error).__name__, str(error) or "See its log.")


async def configuration(operator: Operator) -> AsyncIterator[Opinion]:
    """Whether keys and seeds are there and are nobody else's business."""
    settings = operator.settings
    yield Opinion("data folder", str(settings.data.resolve()))
    seeds = settings.nats_seeds or settings.data / "nats" / "keys"
    for user in users(operator.topology):
        path = seed_file(seeds, user)
        if path.exists() and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            yield Opinion(f"seed of {user}", "others can read it", f"chmod 600 {path}")
    for service in BLUEPRINTS:
        yield _keys(operator.keyring(service), service)


def _keys(path: Path, service: str) -> Opinion:
    thing = f"keyring of {service}"
    try:
        current, keys = read_keys(path)
    except WrongKeyFile as error:
        return Opinion(thing, "cannot be used", str(error))
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return Opinion(thing, "others can read it", f"chmod 600 {path}")
    return Opinion(thing, f"{current} is current, older keys: {len(keys) - 1}")


async def broker(operator: Operator) -> AsyncIterator[Opinion]:
    """Whether it answers, is new enough, and is set up as the topology says."""
    nc = await operator.connected()
    version = nc.connected_server_version
    number = (version.major, version.minor, version.patch)
    written = ".".join(map(str, number))
    old = number < LEAST_SERVER
    yield Opinion(
        "NATS", written, "Use 2.15.1 or newer: pages of the log need it." if old else None
    )
    problems = await setup.problems(nc, operator.topology)
    for problem in problems:
        yield Opinion("topology", problem, "Run `switchboard setup`.")
    if not problems:
        yield Opinion(
            "topology", f"streams and durables are of version {operator.topology.version}"
        )


async def rights(operator: Operator) -> AsyncIterator[Opinion]:
    """Whether the user `ops` may look, and may not write."""
    nc = await operator.connected()
    before = nc.permission_violations
    await nc.publish("evt.doctor.may.not.write.this.1.Nothing", b"")
    await nc.flush()
    await asyncio.sleep(0.1)
    refused = nc.permission_violations > before
    remedy = "Apply deploy/nats/accounts.conf: this user must not write to a log."
    yield Opinion(
        f"rights of {OPS}", "reads only" if refused else "may write", None if refused else remedy
    )


async def clocks(operator: Operator) -> AsyncIterator[Opinion]:
    """Whether this machine's clock and the broker's agree."""
    nc = await operator.connected()
    began = time.time()
    answer = await nc.request("$JS.API.STREAM.INFO.SESSIONS", b"", timeout=5)
    ended = time.time()
    told = json.loads(answer.data).get("ts")
    if told is None:
        yield Opinion("clocks", "the broker does not tell its time")
        return
    theirs = datetime.fromisoformat(f"{told[:26].rstrip('Z')}+00:00").astimezone(UTC).timestamp()
    skew = max(began - theirs, theirs - ended, 0.0)
    wrong = skew > MOST_SKEW_SECONDS
    yield Opinion(
        "clocks",
        f"{skew:.1f} s apart",
        "Let both machines follow the same time server (NTP)." if wrong else None,
    )


async def disks(operator: Operator) -> AsyncIterator[Opinion]:
    """Whether there is room where we write, as seen from this machine."""
    for name, folder in (
        ("data", operator.settings.data),
        ("archive", operator.settings.archive_folder),
    ):
        here = next(one for one in (folder.resolve(), *folder.resolve().parents) if one.exists())
        usage = shutil.disk_usage(here)
        full = usage.free / usage.total < LEAST_FREE
        remedy = "Make room before it is full: a broker without room stays stuck until restarted."
        found = f"{usage.free / 1e9:.1f} GB of {usage.total / 1e9:.1f} GB free"
        yield Opinion(f"disk of {name}", found, remedy if full else None)


async def stores(operator: Operator) -> AsyncIterator[Opinion]:
    """Whether read models answer and are of this release."""
    for service in BLUEPRINTS:
        read_models = await operator.read_models(service)
        thing = f"read models of {service}"
        try:
            await read_models.open(*(one.model for one in projections_of(service)))
            versions = await read_models.versions()
            yield Opinion(thing, _versions(versions))
        except Outdated as error:
            yield Opinion(thing, "of another release", str(error))
        except ReadModelsUnavailable as error:
            yield Opinion(thing, str(error), "Start the store, or mend SWITCHBOARD_STORE.")


def _versions(versions: Versions) -> str:
    others = ", ".join(str(one) for one in versions.kept if one != versions.live)
    return f"version {versions.live} is shown" + (f", {others} kept besides" if others else "")


async def archives(operator: Operator) -> AsyncIterator[Opinion]:
    """Whether the logs are kept elsewhere, and how much is not yet."""
    folder = operator.settings.archive_folder
    manifest = Manifest.load(folder)
    export = "Run `switchboard archive export` every hour."
    if manifest is None:
        yield Opinion("archive", f"there is none in {folder}", export)
        return
    age = datetime.now(UTC) - datetime.fromisoformat(manifest.exported_at)
    old = age.total_seconds() > OLD_ARCHIVE_HOURS * 3600
    yield Opinion("archive", f"of {manifest.exported_at}", export if old else None)


CHECKS: tuple[Check, ...] = (
    configuration,
    broker,
    rights,
    clocks,
    disks,
    stores,
    archives,
)
