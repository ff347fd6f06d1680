"""Addresses of ill repute: traffic with hosts that a list of yours names."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.errors import UsageError
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import bytes_text

__all__ = ["Blocklist"]

SECOND = 1_000_000_000
MOST_NUMBERS, MOST_PAIRS, MOST_ROWS = 1_000_000, 20_000, 4_000


@dataclass(frozen=True, kw_only=True)
class BlocklistParameters(Parameters):
    """How contacts are put together."""

    quiet_s: int = parameter(900, "after what silence a contact is a new one", "s")


class Blocklist(Detector):
    """Compares every host once with the lists that it was told to watch for."""

    name = "blocklist"
    kind = Kind.INTEL_MATCH
    scope = Scope.PAIR
    needs = frozenset(
        f"talks.{name}"
        for name in [
            "tick",
            "src",
            "dst",
            "dst_port",
            "protocol",
            "first",
            "last",
            "packets_out",
            "packets_in",
            "bytes_out",
            "bytes_in",
        ]
    )
    attack = ("T1071",)
    parameters = BlocklistParameters
    page = Page(
        sees="Any traffic between a host and an address or network that one of your lists names.",
        matters=(
            "Such lists name servers of known malware and known attackers; a conversation with one "
            "needs a look."
        ),
        wrong_when="A list is old, or names an address that many sites share.",
        example=(
            "10.0.0.12 spoke with 203.0.113.66, which a blocklist names (203.0.113.0/24), 14.2 KiB both ways"
        ),
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        # (version, length of prefix) -> prefix as a number -> as it was written.
        self.nets: dict[tuple[int, int], dict[int, str]] = {}
        # Of numbers of this run only: what was looked up, and what was found.
        self._looked_up: set[int] = set()
        self._listed: dict[int, tuple[str, str]] = {}
        # first, last, packets and bytes there and back.
        self.pairs: dict[str, list[int]] = {}

    def watch(self, entries: Iterable[str]) -> None:
        """Watch for these addresses and networks too; empty lines and what follows # or ; is passed over."""
        for entry in entries:
            text = entry.partition("#")[0].partition(";")[0].strip()
            if not text:
                continue
            try:
                net: IPv4Network | IPv6Network = ip_network(text, strict=False)
            except ValueError as error:
                hint = "write an address or a network, such as 203.0.113.0/24"
                raise UsageError(f"{error}", hint=hint) from None
            shift = net.max_prefixlen - net.prefixlen
            prefixes = self.nets.setdefault((net.version, net.prefixlen), {})
            prefixes[int(net.network_address) >> shift] = str(net) if shift else text
        self._looked_up.clear()

    def entry_for(self, address: str) -> str | None:
        """Return the narrowest entry that names an address, if there is one."""
        try:
            ip = ip_address(address)
        except ValueError:
            return None
        number = int(ip)
        for (version, length), prefixes in sorted(self.nets.items(), reverse=True):
            if version == ip.version and (found := prefixes.get(number >> (ip.max_prefixlen - length))):
                return found
        return None

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Look up hosts never seen before, and tell what was exchanged with those that are listed."""
        import polars as pl

        if not self.nets or window.talks.is_empty():
            return
        self._look_up(window)
        if not self._listed:
            return
        listed = list(self._listed)
        found = window.talks.filter(pl.col("src").is_in(listed) | pl.col("dst").is_in(listed))
        rows = (
            found.group_by("tick", "src", "dst", maintain_order=True)
            .agg(
                pl.col("first").min(),
                pl.col("last").max(),
                pl.col("packets_out", "packets_in", "bytes_out", "bytes_in").sum(),
                pl.col("dst_port").first(),
                pl.col("protocol").first(),
            )
            .filter(pl.col("first").cum_count().over("tick") <= MOST_ROWS)
            .sort("tick", maintain_order=True)
        )
        for row in rows.to_dicts():
            yield self._evidence(row, window)

    def _look_up(self, window: Window) -> None:
        """Compare the hosts of a window that were not compared before."""
        import polars as pl

        numbers = set(pl.concat([window.talks["src"], window.talks["dst"]]).unique().to_list())
        fresh = sorted(numbers - self._looked_up)
        if len(self._looked_up) + len(fresh) > MOST_NUMBERS:
            self._looked_up.clear()
        self._looked_up.update(fresh)
        for number, name in zip(fresh, window.hosts.names(fresh), strict=True):
            if entry := self.entry_for(name):
                self._listed[number] = (name, entry)

    def _evidence(self, row: Mapping[str, Any], window: Window) -> Evidence:
        src, dst = window.hosts.names([row["src"], row["dst"]])
        is_from = row["dst"] not in self._listed
        bad, entry = self._listed[row["src"] if is_from else row["dst"]]
        ours = dst if is_from else src
        key = f"{ours}|{bad}"
        sums = self.pairs.pop(key, None)
        if sums is None or row["first"] - sums[1] > self.settings.quiet_s * SECOND:
            if len(self.pairs) >= MOST_PAIRS:
                del self.pairs[next(iter(self.pairs))]
            sums = [row["first"], row["last"], 0, 0, 0]
        self.pairs[key] = sums
        sent, got = ("in", "out") if is_from else ("out", "in")
        amounts = (row[f"packets_{sent}"], row[f"packets_{got}"], row["bytes_out"] + row["bytes_in"])
        sums[1:] = [
            max(sums[1], row["last"]),
            *(old + new for old, new in zip(sums[2:], amounts, strict=True)),
        ]
        both = sums[2] > 0 and sums[3] > 0
        how = "both ways" if both else "without an answer"
        verb = "spoke with" if both else ("was tried by" if sums[3] else "tried")
        return Evidence(
            kind=Kind.INTEL_MATCH,
            subject=Party(ip=ours),
            part=bad,
            title=f"{ours} {verb} {bad}, which a blocklist names ({entry}), {bytes_text(sums[4])} {how}",
            score=0.9 if both else 0.6,
            severity=Severity.HIGH if both else Severity.MEDIUM,
            start_ns=sums[0],
            end_ns=sums[1],
            at_ns=row["tick"] + TICK_NS,
            targets=(Target(ip=bad, port=None if is_from else row["dst_port"] or None),),
            target_count=1,
            facts={"entry": entry, "packets_sent": sums[2], "packets_received": sums[3], "bytes": sums[4]},
            reasons=(Reason(feature="listed_peers", value=1.0, typical=(0.0, 0.0), weight=1.0),),
            selectors=(Selector(a=ours, b=bad, from_ns=sums[0], until_ns=sums[1]),),
        )

    def save(self) -> State:
        """Return what was exchanged; lists are given anew at each start."""
        return {"pairs": {key: list(sums) for key, sums in self.pairs.items()}}

    def load(self, state: State) -> None:
        """Remember what was exchanged."""
        self.pairs = {key: list(sums) for key, sums in state["pairs"].items()}
        self._looked_up.clear()
        self._listed.clear()

    def merge(self, other: State) -> None:
        """Remember what was exchanged elsewhere too."""
        for key, (first, last, *rest) in other["pairs"].items():
            mine = self.pairs.setdefault(key, [first, last, *[0] * len(rest)])
            added = (old + new for old, new in zip(mine[2:], rest, strict=True))
            self.pairs[key] = [min(mine[0], first), max(mine[1], last), *added]
