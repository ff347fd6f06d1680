"""The figures Oddwire must meet, and whether it does."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import contenders as who
from benchmarks import memory
from benchmarks.memory import Memory
from benchmarks.rounds import Row
from benchmarks.startup import Start


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A limit and what was measured; `at_least` turns it round."""

    name: str
    limit: float
    value: float | None
    unit: str = "x"
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the limit holds; None where nothing was measured."""
        if self.value is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def targets(rows: Sequence[Row], starts: Sequence[Start], memories: Sequence[Memory]) -> list[Target]:
    """Every target with its figure."""
    return [*_speed(rows), *_starts(starts), *_memory(memories)]


def _speed(rows: Sequence[Row]) -> list[Target]:
    cpu = {(row.contender, row.capture): row.cpu for row in rows}

    def over(one: str, other: str, capture: str) -> float | None:
        top, bottom = cpu.get((one, capture)), cpu.get((other, capture))
        return top / bottom if top is not None and bottom else None

    flows, packets, same = who.FLOWS, who.PACKETS, who.PACKETS_SAME
    return [
        Target(name="flows / bare loop, real", limit=2.5, value=over(flows, who.BARE_FLOWS, "real")),
        Target(name="flows / bare loop, flood", limit=5.0, value=over(flows, who.BARE_FLOWS, "flood")),
        Target(name="flows / softflowd, real", limit=1.0, value=over(flows, who.SOFTFLOWD, "real")),
        _at_least("nfstream / flows, real", 25.0, over(who.NFSTREAM, flows, "real")),
        _at_least("tcpdump -nn / packets, real", 10.0, over(who.TCPDUMP, packets, "real")),
        _at_least("tshark / packets of the same fields, real", 30.0, over(who.TSHARK, same, "real")),
    ]


def _at_least(name: str, limit: float, value: float | None) -> Target:
    return Target(name=name, limit=limit, value=value, at_least=True)


def _starts(starts: Sequence[Start]) -> list[Target]:
    limits = {True: 80.0, False: 300.0}
    return [
        Target(name=start.name, limit=limits[start.name.startswith("--")], value=start.cpu_ms, unit=" ms")
        for start in starts
    ]


def _memory(memories: Sequence[Memory]) -> list[Target]:
    values = {figure.name: figure.value for figure in memories}
    return [
        Target(name=memory.LONG, limit=150.0, value=values.get(memory.LONG), unit=" MB"),
        Target(name=memory.PER_FLOW, limit=200.0, value=values.get(memory.PER_FLOW), unit=" B"),
    ]
