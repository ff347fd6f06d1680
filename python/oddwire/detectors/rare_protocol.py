"""Rare IP protocols: datagrams of a protocol that hardly any network speaks."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.memory import Memory
from oddwire.records.evidence import MOST_TARGETS, Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope
from oddwire.records.units import count_text

__all__ = ["RareProtocol"]

# Protocols of ordinary networks: ICMP, IGMP, IP in IP, TCP, UDP, DCCP, IPv6 and its headers, GRE, ESP, AH,
# ICMPv6, EIGRP, OSPF, PIM, VRRP, L2TP, SCTP, UDP-Lite.
ORDINARY = [0, 1, 2, 4, 6, 17, 33, 41, 44, 47, 50, 51, 58, 59, 60, 88, 89, 94, 97, 103, 112, 115, 132, 136]
_READ = "tick src dst protocol first last packets_out packets_in"
MOST_ROWS = 2_000
QUIET_NS = 3_600_000_000_000


@dataclass(frozen=True, kw_only=True)
class RareProtocolParameters(Parameters):
    """When a rare protocol is worth a word."""

    packets: int = parameter(3, "datagrams of one protocol from one host", "packets")


class RareProtocol(Detector):
    """Looks for IP protocol numbers that no ordinary network uses."""

    name = "rare_protocol"
    kind = Kind.RARE_PROTOCOL
    scope = Scope.HOST
    needs = frozenset(f"talks.{name}" for name in _READ.split())
    attack = ("T1095",)
    parameters = RareProtocolParameters
    page = Page(
        sees="A host that sends datagrams of an IP protocol that hardly any network speaks.",
        matters="Rare protocols pass filters that know only TCP and UDP; they also show odd devices.",
        wrong_when="A laboratory, a carrier or an old machine room does speak them. Always of low severity.",
        example="10.0.0.5 sent 12 datagrams of IP protocol 99 to 10.0.0.9",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.memory = Memory(quiet_ns=QUIET_NS, most_keys=5_000, most_things=64)

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add up what each host sent of each rare protocol."""
        import polars as pl

        rare = window.talks.filter(~pl.col("protocol").is_in(ORDINARY) & (pl.col("packets_out") > 0))
        if rare.is_empty():
            return
        rows = (
            rare.group_by("tick", "src", "dst", "protocol", maintain_order=True)
            .agg(pl.col("packets_out").sum(), pl.col("first").min(), pl.col("last").max())
            .filter(pl.int_range(pl.len()).over("tick") < MOST_ROWS)
        )
        names = window.hosts.names([*rows["src"], *rows["dst"]])
        ends = zip(names, names[rows.height :], rows.iter_rows(), strict=False)
        for src, dst, (tick, _, _, protocol, packets, first, last) in ends:
            track = self.memory.at(f"{src}|{protocol}", last)
            track.start_ns = min(track.start_ns, first)
            track.touch(dst, last, "", self.memory.most_things)
            track.add(packets=packets)
            if track.sums["packets"] >= self.settings.packets:
                others = sorted(track.things)
                yield Evidence(
                    kind=Kind.RARE_PROTOCOL,
                    subject=Party(ip=src),
                    part=str(protocol),
                    title=f"{src} sent {count_text(track.sums['packets'], 'datagram')} "
                    f"of IP protocol {protocol} to "
                    f"{others[0] if len(others) == 1 else count_text(len(others), 'host')}",
                    score=0.3,
                    start_ns=track.start_ns,
                    end_ns=track.end_ns,
                    at_ns=tick + TICK_NS,
                    targets=tuple(Target(ip=one) for one in others[:MOST_TARGETS]),
                    target_count=len(others),
                    facts={"protocol": protocol, "packets": track.sums["packets"]},
                    reasons=(
                        Reason(
                            feature="rare_protocol_packets",
                            value=float(track.sums["packets"]),
                            typical=(0.0, 0.0),
                            weight=1.0,
                        ),
                    ),
                    selectors=(
                        Selector(
                            a=src,
                            b=None,
                            both=False,
                            protocol=protocol,
                            from_ns=track.start_ns,
                            until_ns=track.end_ns,
                        ),
                    ),
                )

    def save(self) -> State:
        """Return what was sent of rare protocols."""
        return {"memory": self.memory.save()}

    def load(self, state: State) -> None:
        """Remember this, and nothing else."""
        self.memory.load(state["memory"])

    def merge(self, other: State) -> None:
        """Remember this too."""
        self.memory.merge(other["memory"])
