"""Hidden conversations: what looks encrypted where nothing is, and protocols that nobody speaks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import bytes_text, duration_text

__all__ = ["CovertChannel"]

SECOND = 1_000_000_000
UDP = 17
BITS = 8192
# Services whose datagrams are words and numbers; those of the second group carry tunnels and secured time
# as well.
PLAIN = {67: "DHCP", 68: "DHCP", 69: "TFTP", 137: "NetBIOS names", 161: "SNMP", 514: "syslog", 1900: "SSDP"}
DEBATABLE = {53: "DNS", 123: "NTP"}
SERVICES = PLAIN | DEBATABLE
# IP protocols that hosts speak to each other: groups, tunnels, VPN, routing, streams.
SPOKEN = (
    0,
    1,
    2,
    4,
    6,
    17,
    33,
    41,
    43,
    44,
    46,
    47,
    50,
    51,
    58,
    59,
    60,
    88,
    89,
    94,
    97,
    98,
    103,
    108,
    112,
    115,
    132,
)
SPOKEN_TOO = (135, 136, 137, 139, 140)
TYPICAL_BITS = (3.0, 6.5)
MOST_PAIRS = 4_000


@dataclass(frozen=True, kw_only=True)
class CovertChannelParameters(Parameters):
    """When a conversation is out of place."""

    bits: float = parameter(7.2, "least entropy of what both ends say", "bits per byte")
    sampled: int = parameter(256, "bytes that it is measured over", "bytes")
    packets: int = parameter(20, "packets each way", "packets")
    seconds: int = parameter(60, "how long it lasts", "s")
    quiet_s: int = parameter(600, "after what silence it begins anew", "s")


class CovertChannel(Detector):
    """Adds up, for each pair of hosts and service, what looks encrypted both ways where it cannot be."""

    name = "covert_channel"
    kind = Kind.COVERT_CHANNEL
    scope = Scope.PAIR
    needs = frozenset(
        f"talks.{name}"
        for name in [
            *("tick", "src", "dst", "dst_port", "protocol", "first", "last", "packets_out", "packets_in"),
            *(
                "payload_out",
                "payload_in",
                "entropy_out",
                "entropy_in",
                "entropy_bytes_out",
                "entropy_bytes_in",
            ),
            *("length_min_out", "length_max_out", "length_min_in", "length_max_in", "tunnel"),
        ]
    )
    attack = ("T1095", "T1071", "T1572")
    parameters = CovertChannelParameters
    page = Page(
        sees=(
            "Two hosts exchange data that looks encrypted for a minute or longer on a UDP port whose "
            "protocol is plain "
            "(SNMP, TFTP, DHCP, syslog, NetBIOS, SSDP; NTP and DNS as low), or packets of varying "
            "size both ways "
            "in an IP protocol that is not in use."
        ),
        matters="Data that hides in a port nobody looks at is meant to pass a firewall unseen.",
        wrong_when=(
            "A VPN that was put on such a port to get through a firewall, SNMPv3 with long encrypted "
            "answers, or an "
            "IP protocol of your own."
        ),
        example=(
            "10.0.0.8 and 198.51.100.4 exchanged 310.2 KiB that look encrypted on the SNMP port for 9 min"
        ),
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        # first, last, packets out, in, payload out, in, and whether sizes varied both ways.
        self.pairs: dict[str, list[int]] = {}

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add what each tick brought, and judge the pairs."""
        for row in self._rows(window):
            key = f"{row['src_name']}|{row['dst_name']}|{row['protocol']}|{row['dst_port']}"
            sums = self.pairs.pop(key, None)
            if sums is None or row["first"] - sums[1] > self.settings.quiet_s * SECOND:
                if len(self.pairs) >= MOST_PAIRS:
                    del self.pairs[next(iter(self.pairs))]
                sums = [row["first"], row["last"], 0, 0, 0, 0, 0]
            self.pairs[key] = sums
            sums[1] = max(sums[1], row["last"])
            for at, name in enumerate(("packets_out", "packets_in", "payload_out", "payload_in"), start=2):
                sums[at] += row[name]
            sums[6] |= row["varies"]
            long = sums[1] - sums[0] >= self.settings.seconds * SECOND
            if long and min(sums[2:4]) >= self.settings.packets and (evidence := self._evidence(row, sums)):
                yield evidence

    def _evidence(self, row: Mapping[str, Any], sums: list[int]) -> Evidence | None:
        src, dst, protocol, port = row["src_name"], row["dst_name"], row["protocol"], row["dst_port"]
        start_ns, end_ns, *_, said, heard, varies = sums
        size, span = bytes_text(said + heard), duration_text(end_ns - start_ns)
        bits = min(row["entropy_out"], row["entropy_in"]) / BITS
        if protocol == UDP:
            title = (
                f"{src} and {dst} exchanged {size} that look encrypted on the {SERVICES[port]} port for "
                f"{span}"
            )
            severity = Severity.LOW if port in DEBATABLE else Severity.MEDIUM
        else:
            title = (
                f"{src} and {dst} exchanged {size} in IP protocol {protocol}, which is not in use, for {span}"
            )
            severity = Severity.MEDIUM if varies else Severity.LOW
        return Evidence(
            kind=Kind.COVERT_CHANNEL,
            subject=Party(ip=src),
            part=f"{dst}|{protocol}|{port}",
            title=title,
            score=0.7 if severity is Severity.MEDIUM else 0.4,
            severity=severity,
            start_ns=start_ns,
            end_ns=end_ns,
            at_ns=row["tick"] + TICK_NS,
            targets=(Target(ip=dst, port=port or None, proto="udp" if protocol == UDP else str(protocol)),),
            target_count=1,
            facts={"bytes": said + heard, "bits_per_byte": round(bits, 2), "ip_protocol": protocol},
            reasons=(Reason(feature="entropy", value=round(bits, 3), typical=TYPICAL_BITS, weight=1.0),),
            selectors=(
                Selector(
                    a=src, b=dst, from_ns=start_ns, until_ns=end_ns, protocol=protocol, port=port or None
                ),
            ),
        )

    def _rows(self, window: Window) -> list[dict[str, Any]]:
        """Return what is out of place, by tick and pair, in order."""
        import polars as pl

        entropy, sampled = round(self.settings.bits * BITS), self.settings.sampled
        secret = (pl.min_horizontal("entropy_out", "entropy_in") >= entropy) & (
            pl.min_horizontal("entropy_bytes_out", "entropy_bytes_in") >= sampled
        )
        hidden = (pl.col("protocol") == UDP) & pl.col("dst_port").is_in(list(SERVICES)) & secret
        unused = ~pl.col("protocol").is_in([*SPOKEN, *SPOKEN_TOO])
        both = (pl.col("packets_out") > 0) & (pl.col("packets_in") > 0)
        found = window.talks.filter((hidden | unused) & both)
        if found.is_empty():
            return []
        varies = (pl.col("length_min_out") < pl.col("length_max_out")) & (
            pl.col("length_min_in") < pl.col("length_max_in")
        )
        rows = (
            found.group_by("tick", "src", "dst", "protocol", "dst_port", maintain_order=True)
            .agg(
                pl.col("first").min(),
                pl.col("last").max(),
                pl.col("packets_out", "packets_in", "payload_out", "payload_in").sum(),
                pl.col("entropy_out", "entropy_in").min(),
                varies.any().cast(pl.Int64).alias("varies"),
            )
            .sort("tick", maintain_order=True)
            .to_dicts()
        )
        names = window.hosts.names([row["src"] for row in rows] + [row["dst"] for row in rows])
        for row, src, dst in zip(rows, names, names[len(rows) :], strict=False):
            row["src_name"], row["dst_name"] = src, dst
        return rows

    def save(self) -> State:
        """Return the sums."""
        return {"pairs": {key: list(sums) for key, sums in self.pairs.items()}}

    def load(self, state: State) -> None:
        """Remember these sums."""
        self.pairs = {key: list(sums) for key, sums in state["pairs"].items()}

    def merge(self, other: State) -> None:
        """Remember these sums too."""
        for key, (first, last, *rest) in other["pairs"].items():
            mine = self.pairs.setdefault(key, [first, last, *[0] * len(rest)])
            added = [old + new for old, new in zip(mine[2:-1], rest[:-1], strict=True)]
            self.pairs[key] = [min(mine[0], first), max(mine[1], last), *added, mine[-1] | rest[-1]]
