"""Hidden conversations: what looks encrypted where nothing is, and protocols that nobody speaks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Hosts, Window
from oddwire.features.syn_data import SYN_DATA_NEED, SynData, Told
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import bytes_text, duration_text

if TYPE_CHECKING:
    import polars as pl

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
COLUMNS = (
    *("tick", "src", "dst", "src_port", "dst_port", "protocol", "first", "last"),
    *("packets_out", "packets_in", "payload_out", "payload_in"),
    *("entropy_out", "entropy_in", "entropy_bytes_out", "entropy_bytes_in"),
    *("length_min_out", "length_max_out", "length_min_in", "length_max_in"),
)
TYPICAL_BITS = (3.0, 6.5)
MOST_PAIRS = 4_000
MOST_PLAIN = 20_000
LEAST_BITS, LEAST_SAMPLED = round(6.8 * BITS), 200
# Who began with names and goes on without: of its first bytes some are plain.
MIXED_BITS = round(6.2 * BITS)
# So many datagrams a tick each way, and small ones among them, are a stream; secured questions are filled up.
LEAST_LOUD, SMALL = 10, 200
DNS = 53
# Of so many datagrams to a server of names one may happen to look like a question.
MOST_NAMED = 5
OPERATIONS = ("query", "notify", "update")


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
    needs = (
        frozenset(f"talks.{name}" for name in COLUMNS)
        | {f"dns.{name}" for name in ("tick", "src", "dst", "src_port", "operation", "query")}
        | SYN_DATA_NEED
    )
    attack = ("T1095", "T1071", "T1572")
    parameters = CovertChannelParameters
    page = Page(
        sees=(
            "Two hosts exchange data that looks encrypted for a minute or longer on a UDP port whose "
            "protocol is plain "
            "(SNMP, TFTP, DHCP, syslog, NetBIOS, SSDP; NTP and DNS where the server says nothing plain "
            "to anybody, otherwise as low), or packets of varying "
            "size both ways "
            "in an IP protocol that is not in use, or data of many sizes in segments that only ask for a "
            "connection, again and again, each of which is refused."
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
        self.syn_data = SynData()
        # Since when a server of names or of time is known to speak plainly: by name, and by number here.
        self.plain: dict[str, int] = {}
        self._plain: dict[tuple[int, int], int] = {}
        self._spoke: list[pl.DataFrame] = []
        self._hosts: Hosts | None = None

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add what each tick brought, and judge the pairs."""
        found = [*self._exchanges(window), *map(_of_syn_data, self.syn_data.told(window))]
        yield from sorted(found, key=attrgetter("at_ns"))

    def _exchanges(self, window: Window) -> Iterator[Evidence]:
        """Judge what looks encrypted where nothing is, and protocols that nobody speaks."""
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
            is_debatable = port in DEBATABLE and not row["is_loud"] and self._is_plain(row)
            severity = Severity.LOW if is_debatable else Severity.MEDIUM
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
        bits = pl.min_horizontal("entropy_out", "entropy_in")
        varies = (pl.col("length_min_out") < pl.col("length_max_out")) & (
            pl.col("length_min_in") < pl.col("length_max_in")
        )
        measured = pl.min_horizontal("entropy_bytes_out", "entropy_bytes_in")
        secret = ((bits >= entropy) & (measured >= sampled)) | (
            # Few bytes cannot have more; who speaks plainly on these ports has far less.
            pl.col("dst_port").is_in(list(DEBATABLE)) & (bits >= LEAST_BITS) & (measured >= LEAST_SAMPLED)
        )
        secret |= pl.col("is_loud") & (bits >= MIXED_BITS)
        hidden = (pl.col("protocol") == UDP) & pl.col("dst_port").is_in(list(SERVICES)) & secret
        unused = ~pl.col("protocol").is_in([*SPOKEN, *SPOKEN_TOO])
        both = (pl.col("packets_out") > 0) & (pl.col("packets_in") > 0)
        found = window.talks.select(*COLUMNS).filter(
            (((pl.col("protocol") == UDP) & pl.col("dst_port").is_in(list(SERVICES))) | unused) & both
        )
        if found.is_empty():
            return []
        self._learn(found, window)
        found = _loud(found, varies, window).filter(hidden | unused)
        if found.is_empty():
            return []
        rows = (
            found.group_by("tick", "src", "dst", "protocol", "dst_port", maintain_order=True)
            .agg(
                pl.col("first").min(),
                pl.col("last").max(),
                pl.col("packets_out", "packets_in", "payload_out", "payload_in").sum(),
                pl.col("entropy_out", "entropy_in").min(),
                varies.any().cast(pl.Int64).alias("varies"),
                pl.col("is_loud").any(),
                (pl.col("src_port") == pl.col("dst_port")).all().alias("is_even"),
            )
            .sort("tick", maintain_order=True)
            .to_dicts()
        )
        names = window.hosts.names([row["src"] for row in rows] + [row["dst"] for row in rows])
        for row, src, dst in zip(rows, names, names[len(rows) :], strict=False):
            # Where both ports are one, who began is a guess; then it is our own host that the finding is of.
            is_turned = row["is_even"] and window.hosts.is_local(dst) and not window.hosts.is_local(src)
            row["src_name"], row["dst_name"] = (dst, src) if is_turned else (src, dst)
        return rows

    def _learn(self, found: "pl.DataFrame", window: Window) -> None:
        """Remember which servers of names and of time answered plainly, and since when.

        A VPN or a shell on their port says nothing plain from its first datagram on; secured time does.
        """
        import polars as pl

        def is_plain(way: str) -> pl.Expr:
            """Say whether some bytes repeat themselves more than so many random ones would."""
            size, bits = pl.col(f"entropy_bytes_{way}"), pl.col(f"entropy_{way}") / BITS
            return (size > 0) & (bits < pl.min_horizontal(size.log(2) - 0.75, pl.lit(6.0)))

        self._hosts = window.hosts
        spoke = (
            found.filter((pl.col("protocol") == UDP) & pl.col("dst_port").is_in(list(DEBATABLE)))
            .filter(is_plain("out") & is_plain("in"))
            .group_by("dst", "dst_port", maintain_order=True)
            .agg(pl.col("tick").min())
        )
        self._spoke.append(spoke)
        if sum(map(len, self._spoke)) > MOST_PLAIN:
            self._fold()

    def _fold(self) -> None:
        """Remember by number who spoke; put off until somebody asks, which is hardly ever."""
        for spoke in self._spoke:
            for dst, port, tick in spoke.iter_rows():
                if len(self._plain) < MOST_PLAIN:
                    self._plain.setdefault((dst, port), tick)
        self._spoke = []

    def _is_plain(self, row: Mapping[str, Any]) -> bool:
        """Say whether a server was plainly spoken to by the tick of a row."""
        self._fold()
        port, now = row["dst_port"], row["tick"]
        known = [self._plain.get((row[end], port)) for end in ("src", "dst")]
        known += [self.plain.get(f"{row[end]}|{port}") for end in ("src_name", "dst_name")]
        return any(since is not None and since <= now for since in known)

    def _name_plain(self) -> None:
        """Turn numbers of this run into names."""
        if self._hosts is None:
            return
        self._fold()
        names = self._hosts.names([dst for dst, _ in self._plain])
        for name, ((_, port), tick) in zip(names, self._plain.items(), strict=True):
            if len(self.plain) < MOST_PLAIN:
                self.plain.setdefault(f"{name}|{port}", tick)

    def save(self) -> State:
        """Return the sums and the servers."""
        self._name_plain()
        return {
            "pairs": {key: list(sums) for key, sums in self.pairs.items()},
            "plain": dict(self.plain),
            "syn_data": self.syn_data.save(),
        }

    def load(self, state: State) -> None:
        """Remember these, and nothing else."""
        self.pairs = {key: list(sums) for key, sums in state["pairs"].items()}
        self.plain = dict(state["plain"])
        self.syn_data.load(state.get("syn_data", {}))
        self._plain.clear()
        self._spoke = []

    def merge(self, other: State) -> None:
        """Remember these too."""
        self.syn_data.merge(other.get("syn_data", {}))
        for name, tick in other["plain"].items():
            self.plain[name] = min(tick, self.plain.get(name, tick))
        for key, (first, last, *rest) in other["pairs"].items():
            mine = self.pairs.setdefault(key, [first, last, *[0] * len(rest)])
            added = [old + new for old, new in zip(mine[2:-1], rest[:-1], strict=True)]
            self.pairs[key] = [min(mine[0], first), max(mine[1], last), *added, mine[-1] | rest[-1]]


def _loud(found: "pl.DataFrame", varies: "pl.Expr", window: Window) -> "pl.DataFrame":
    """Add whether a flow is a stream on the port of names in a tick in which hardly a name was understood."""
    import polars as pl

    many = pl.min_horizontal("packets_out", "packets_in") >= LEAST_LOUD
    stream = (pl.col("dst_port") == DNS) & many & (pl.col("length_min_out") < SMALL) & varies
    found = found.with_columns(stream.alias("is_loud"))
    said = window.said.get("dns")
    if said is None or not found["is_loud"].any():
        return found
    flow = ["tick", "src", "dst", "src_port"]
    is_name = pl.col("operation").is_in(OPERATIONS) & (pl.col("query") != "")
    named = said.filter(is_name).group_by(flow).agg(pl.len().alias("named"))
    joined = found.join(named, on=flow, how="left", maintain_order="left")
    is_nameless = pl.col("named").fill_null(0) * MOST_NAMED <= pl.col("packets_out")
    return joined.with_columns(pl.col("is_loud") & is_nameless).drop("named")


def _of_syn_data(told: Told) -> Evidence:
    """Say that data ride in segments that only ask for a connection."""
    size, span = bytes_text(told.size), duration_text(told.end_ns - told.start_ns)
    return Evidence(
        kind=Kind.COVERT_CHANNEL,
        subject=Party(ip=told.src),
        part=f"{told.dst}|syn|{told.port}",
        title=(
            f"{told.src} sent {size} to {told.dst}:{told.port} inside {told.tries} requests for a "
            f"connection, all of which were refused, in {span}"
        ),
        score=0.7,
        severity=Severity.MEDIUM,
        start_ns=told.start_ns,
        end_ns=told.end_ns,
        at_ns=told.tick + TICK_NS,
        targets=(Target(ip=told.dst, port=told.port, proto="tcp"),),
        target_count=1,
        facts={"bytes": told.size, "tries": told.tries},
        reasons=(
            Reason(feature="requests_with_data", value=float(told.tries), typical=(0.0, 1.0), weight=1.0),
        ),
        selectors=(
            Selector(
                a=told.src,
                b=told.dst,
                from_ns=told.start_ns,
                until_ns=told.end_ns,
                protocol=6,
                port=told.port,
            ),
        ),
    )
