"""Light days of an office: true conversations with little payload, so that hours fit into a small capture."""

from pathlib import Path
from typing import TYPE_CHECKING

from oddwire.testing.capture import write_pcap
from oddwire.testing.simulation.conversations import NS, joined
from oddwire.testing.simulation.office import LEAST_HOSTS, Office
from oddwire.testing.simulation.packets import packets_of
from oddwire.testing.simulation.weeks import day_start_ns, simulate

if TYPE_CHECKING:
    import polars as pl

__all__ = ["lightened", "write_light_office"]

HOUR_NS = 3_600 * NS
MOST_BYTES, MOST_PACKETS, MOST_NS = 1_500, 2, 60 * NS


def lightened(plan: "pl.DataFrame", *, hours: float = 24.0, every: int = 1) -> "pl.DataFrame":
    """Return every so many-th conversation of the first hours, with at most 1,500 bytes a direction."""
    import polars as pl

    begin = int(plan["start_ns"].min())  # type: ignore[arg-type]  # plans are of numbers
    first = plan.filter(pl.col("start_ns") < begin + round(hours * HOUR_NS)).gather_every(every)
    return first.with_columns(
        *(pl.col(f"payload_{side}").clip(0, MOST_BYTES) for side in ("out", "in")),
        *(pl.col(f"packets_{side}").clip(0, MOST_PACKETS) for side in ("out", "in")),
        pl.col("duration_ns").clip(0, MOST_NS),
    )


def write_light_office(
    path: Path,
    *,
    seed: int = 7,
    day: int = 0,
    hours: float = 24.0,
    every: int = 1,
    planted: "pl.DataFrame | None" = None,
) -> Path:
    """Write the begin of a light day as a capture; what is planted is written whole."""
    office = office_of(seed)
    plan = lightened(simulate(seed, 1, start_day=day, office=office), hours=hours, every=every)
    begin_ns = day_start_ns(day)
    if planted is not None:
        shift = begin_ns - day_start_ns(0)
        plan = joined([plan, planted.with_columns(start_ns=planted["start_ns"] + shift)])
    write_pcap(path, packets_of(plan))
    return path


def office_of(seed: int) -> Office:
    """Return the smallest office of a seed."""
    return Office.make(seed, hosts=LEAST_HOSTS)
