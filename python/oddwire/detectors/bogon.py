"""Addresses that nobody can have on a wire."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window, mac_text
from oddwire.records.evidence import Evidence, Party, Reason, Selector
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope
from oddwire.records.units import count_text

__all__ = ["Bogon"]

MOST_NUMBERS, MOST_KNOWN = 500_000, 1_000
UDP, GROUPS = 17, 2
DHCP = (67, 68)
# How the addresses in question begin.
SUSPECT = ("0.", "127.", *(f"{first}." for first in range(224, 256)))


@dataclass(frozen=True, kw_only=True)
class BogonParameters(Parameters):
    """When a wrong source is told."""

    packets: int = parameter(2, "packets from such an address", "packets")


class Bogon(Detector):
    """Looks at each source once, whether a host can have that address."""

    name = "bogon"
    kind = Kind.BOGON
    scope = Scope.HOST
    needs = frozenset(
        f"talks.{name}"
        for name in [
            "tick",
            "src",
            "dst_port",
            "protocol",
            "ip_version",
            "tunnel",
            "packets_out",
            "mac_out",
            "first",
            "last",
        ]
    )
    parameters = BogonParameters
    page = Page(
        sees=(
            "IPv4 packets whose source nobody can have: 0.0.0.0/8 (but for DHCP), 127.0.0.0/8 on a "
            "wire, 224.0.0.0/4 "
            "and 240.0.0.0/4. Networks reserved for documentation are not told: captures made "
            "anonymous use them."
        ),
        matters="Such a source is forged, or a machine is set up wrongly; answers can never reach it.",
        wrong_when=(
            "Some bridges and load balancers use them between themselves. It is context, never an alarm."
        ),
        example="127.8.9.1 (02:00:7f:08:09:01) sent 40 packets: an address of a host for itself",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        # Of numbers of this run only: what was looked at, and what is wrong.
        self._looked_at: set[int] = set()
        self._wrong: dict[int, tuple[str, str]] = {}
        # first, last, packets of each wrong source.
        self.sums: dict[str, list[int]] = {}

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Look at sources never seen before, and add up what the wrong ones send."""
        import polars as pl

        talks = window.talks.filter((pl.col("ip_version") == 4) & (pl.col("packets_out") > 0))  # noqa: PLR2004  # IPv4
        self._look_at(talks["src"].unique().to_list(), window)
        if not self._wrong:
            return
        own = (pl.col("protocol") == GROUPS) | (
            (pl.col("protocol") == UDP) & pl.col("dst_port").is_in(list(DHCP))
        )
        on_wire = (pl.col("mac_out").fill_null(0) > 0) & (pl.col("tunnel") == 0)
        rows = (
            talks.filter(pl.col("src").is_in(list(self._wrong)) & ~own & on_wire)
            .group_by("tick", "src", maintain_order=True)
            .agg(
                pl.col("first").min(),
                pl.col("last").max(),
                pl.col("packets_out").sum(),
                pl.col("mac_out").first(),
            )
            .sort("tick", maintain_order=True)
        )
        for tick, src, first, last, packets, mac in rows.iter_rows():
            name, why = self._wrong[src]
            if name not in self.sums and len(self.sums) >= MOST_KNOWN:
                continue
            sums = self.sums.setdefault(name, [first, last, 0])
            sums[1], sums[2] = max(sums[1], last), sums[2] + packets
            if sums[2] >= self.settings.packets:
                yield _evidence(name, why, sums, tick, mac_text(mac))

    def _look_at(self, numbers: list[int], window: Window) -> None:
        fresh = sorted(set(numbers) - self._looked_at)
        if len(self._looked_at) + len(fresh) > MOST_NUMBERS:
            self._looked_at.clear()
        self._looked_at.update(fresh)
        for number, name in zip(fresh, window.hosts.names(fresh), strict=True):
            if len(self._wrong) < MOST_KNOWN and (why := _why(name)):
                self._wrong[number] = (name, why)

    def save(self) -> State:
        """Return the sums."""
        return {"sums": {name: list(sums) for name, sums in self.sums.items()}}

    def load(self, state: State) -> None:
        """Remember these sums."""
        self.sums = {name: list(sums) for name, sums in state["sums"].items()}
        self._looked_at.clear()
        self._wrong.clear()

    def merge(self, other: State) -> None:
        """Remember these sums too."""
        for name, (first, last, packets) in other["sums"].items():
            mine = self.sums.setdefault(name, [first, last, 0])
            self.sums[name] = [min(mine[0], first), max(mine[1], last), mine[2] + packets]


def _why(name: str) -> str | None:
    """Return what is wrong with an address as a source, if anything is."""
    if not name.startswith(SUSPECT):
        return None
    head, _, _ = name.partition(".")
    first = int(head)
    if first == 0:
        return "an address of no host"
    if first == 127:  # noqa: PLR2004  # 127.0.0.0/8
        return "an address of a host for itself"
    if first >= 240:  # noqa: PLR2004  # 240.0.0.0/4
        return "a reserved address"
    return "an address of a group, not of a host" if first >= 224 else None  # noqa: PLR2004  # 224.0.0.0/4


def _evidence(name: str, why: str, sums: list[int], tick: int, mac: str | None) -> Evidence:
    first, last, packets = sums
    return Evidence(
        kind=Kind.BOGON,
        subject=Party(ip=name, mac=mac),
        title=f"{name} ({mac}) sent {count_text(packets, 'packet')}: {why}",
        score=0.3,
        start_ns=first,
        end_ns=last,
        at_ns=tick + TICK_NS,
        facts={"packets": packets, "why": why},
        reasons=(Reason(feature="impossible_source", value=1.0, typical=(0.0, 0.0), weight=1.0),),
        selectors=(Selector(a=name, b=None, from_ns=first, until_ns=last, both=False),),
    )
