"""`python -m bench`: measures everything, or what is named."""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import (
    activation,
    append,
    command,
    devices,
    imports,
    lists,
    load,
    mail,
    mails,
    memory,
    past,
    projector,
    rebuild,
    sessions,
    start,
)
from bench.measuring import Bench, Line, NotHere
from bench.table import as_json, table
from chassis.observing import logs

MEASUREMENTS: dict[str, Callable[[Bench], Awaitable[list[Line]]]] = {
    "append": append.measure,
    "command": command.measure,
    "projector": projector.measure,
    "projector-mongo": projector.measure_mongo,
    "devices": devices.measure,
    "lists": lists.measure,
    "lists-mongo": lists.measure_mongo,
    "imports": imports.measure,
    "activation": activation.measure,
    "mail": mail.measure,
    "mails": mails.measure,
    "sessions": sessions.measure,
    "past": past.measure,
    "start": start.measure,
    "memory": memory.measure,
    "load": load.measure,
    "rebuild": rebuild.measure,
}

WIDTH = 110


def main() -> int:
    """Answers 1 if a target was missed."""
    chosen = _arguments()
    logs.configure("ERROR")
    lines, left_out = list[Line](), list[tuple[str, str]]()
    with _progress() as progress, TemporaryDirectory(prefix="switchboard-bench-") as folder:
        for name in chosen.names or MEASUREMENTS:
            bench = _bench(progress, name, Path(folder), quick=chosen.quick)
            try:
                lines += asyncio.run(_measured(name, bench))
            except NotHere as why:
                left_out.append((name, str(why)))
    if chosen.json:
        print(as_json(lines, left_out))
    else:
        # A file or pipe has no width of its own, and must not lose a figure.
        width = None if sys.stdout.isatty() else WIDTH
        Console(width=width).print(table(lines, left_out))
    return int(any(line.reached is False for line in lines))


async def _measured(name: str, bench: Bench) -> list[Line]:
    return await MEASUREMENTS[name](bench)


def _arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"what to measure: {', '.join(MEASUREMENTS)}"
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller logs")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(MEASUREMENTS):
        parser.error(f"{', '.join(sorted(unknown))}: choose from {', '.join(MEASUREMENTS)}")
    return arguments


def _progress() -> Progress:
    columns = TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True))


def _bench(progress: Progress, name: str, folder: Path, *, quick: bool) -> Bench:
    task = progress.add_task(name, total=None)

    def report(what: str, done: float, total: float) -> None:
        progress.update(task, description=what, completed=done, total=total)

    return Bench(folder, quick, report)


if __name__ == "__main__":
    sys.exit(main())
