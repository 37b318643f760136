"""How long `switchboard up` takes until it is ready."""

from statistics import median

from bench.measuring import Bench, Line
from bench.product import product

MOST_SECONDS = 5.0


async def measure(bench: Bench) -> list[Line]:
    """The first start makes keys, streams and files; later ones find them."""
    rounds = 2 if bench.quick else 5
    first, later = list[float](), list[float]()
    for number in range(rounds):
        data = bench.folder / f"start-{number}"
        for times in (first, later):
            async with product(data) as program:
                times.append(program.ready_after)
        bench.report("start", number + 1, rounds)
    return [
        Line(what="first start until ready", unit="s", ours=median(first), most=MOST_SECONDS),
        Line(what="later start until ready", unit="s", ours=median(later), most=MOST_SECONDS),
    ]
