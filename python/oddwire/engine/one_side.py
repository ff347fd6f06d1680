"""One side of a comparison: who spoke, what answered, how much, and what was found; in bounded memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from oddwire import native
from oddwire.engine.analysis import analyze
from oddwire.engine.settings import Settings
from oddwire.records.finding import Finding
from oddwire.sources.files import Capture

if TYPE_CHECKING:
    import polars as pl

__all__ = ["MOST", "Service", "Side", "Volume", "side_of"]

# So many addresses, services and volumes of a side are kept; the first ones stay.
MOST = 200_000
# From here on Linux chooses ports for clients: a flow of unsure direction says nothing of a service there.
CLIENT_PORTS = 32_768
# States, in the words of Zeek, in which the responder took the connection.
TAKEN = ("S1", "S2", "S3", "SF", "RSTO", "RSTR")
TCP = 6
NOBODY = ("0.0.0.0", "::")  # noqa: S104  # who has no address yet
ENDS = ("src_ip", "dst_ip", "src_mac", "dst_mac", "dst_port", "protocol", "transport", "service")
COURSE = ("state", "direction_sure", "packets_in", "bytes_out", "bytes_in", "payload_in")

# Address, port and transport.
Service: TypeAlias = tuple[str, int, str]
# Address, and service or transport.
Volume: TypeAlias = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """What one capture holds, as far as two captures are compared."""

    name: str
    packets: int = 0
    bytes: int = 0
    span_ns: int = 0
    hosts: Mapping[str, int] = field(default_factory=dict)
    macs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    services: Mapping[Service, str] = field(default_factory=dict)
    volumes: Mapping[Volume, int] = field(default_factory=dict)
    protocols: Mapping[str, int] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    failures: Sequence[str] = ()
    left_out: int = 0


def side_of(name: str, capture: Capture, settings: Settings, progress: native.Progress | None = None) -> Side:
    """Read a capture and return what of it is compared."""
    figures, seen = capture.summary(top=1, progress=progress)
    gathered = _Gathered()
    for batch in _batches(capture, "flows", native.Shape(columns=[*ENDS, *COURSE])):
        gathered.add_flows(batch)
    shape = native.Shape(columns=["src_ip", "src_mac", "length"], filter="app == 'arp'")
    for batch in _batches(capture, "packets", shape):
        gathered.add_arp(batch)
    found = analyze(capture, settings, progress)
    first, last = seen["first_ns"], seen["last_ns"]
    return Side(
        name=name,
        packets=figures["total"]["packets"],
        bytes=figures["total"]["bytes"],
        span_ns=0 if first is None else last - first,
        hosts=gathered.hosts,
        macs={mac: frozenset(ips) for mac, ips in gathered.macs.items()},
        services=gathered.services,
        volumes=gathered.volumes,
        protocols={one[0]: one[2] for key in ("protocols", "services") for one in figures[key]},
        findings=found.findings,
        failures=[
            f"detector {one.detector} failed and was left out: {one.message}" for one in found.failures
        ],
        left_out=gathered.left_out,
    )


def _batches(capture: Capture, table: str, shape: native.Shape) -> Iterator["pl.DataFrame"]:
    import polars as pl

    stream = capture.stream(table, shape)
    while True:
        with native.core_errors():
            batch = stream.next_batch()
        if batch is None:
            return
        yield pl.DataFrame(batch)


@dataclass(slots=True)
class _Gathered:
    """What was seen so far; batches are grouped before they come here, so rows are few."""

    hosts: dict[str, int] = field(default_factory=dict)
    macs: dict[str, set[str]] = field(default_factory=dict)
    services: dict[Service, str] = field(default_factory=dict)
    volumes: dict[Volume, int] = field(default_factory=dict)
    spoken: int = 0
    left_out: int = 0

    def add_flows(self, flows: "pl.DataFrame") -> None:
        """Add both ends of flows, the responder only where it sent something."""
        import polars as pl

        flows = flows.with_columns(pl.coalesce("service", "transport").alias("what"))
        answered = flows.filter(pl.col("packets_in") > 0)
        ends = pl.concat(
            [
                flows.select(ip="src_ip", mac="src_mac", what="what", bytes="bytes_out"),
                answered.select(ip="dst_ip", mac="dst_mac", what="what", bytes="bytes_in"),
            ]
        )
        self._add_senders(ends)
        tcp = pl.col("protocol") == TCP
        took = pl.col("state").is_in(TAKEN) | (pl.col("payload_in") > 0)
        proven = pl.col("direction_sure") | (pl.col("dst_port") < CLIENT_PORTS)
        offered = answered.filter((~tcp | took) & proven & pl.col("dst_port").is_not_null())
        keys = ["dst_ip", "dst_port", "transport", "what"]
        for ip, port, transport, what in offered.select(keys).unique(maintain_order=True).iter_rows():
            self._keep(self.services, (ip, port, transport), what)

    def add_arp(self, packets: "pl.DataFrame") -> None:
        """Add who spoke ARP: a host that says nothing else is there too."""
        import polars as pl

        self._add_senders(packets.select(ip="src_ip", mac="src_mac", what=pl.lit("arp"), bytes="length"))

    def _add_senders(self, ends: "pl.DataFrame") -> None:
        import polars as pl

        real = ends.filter(pl.col("ip").is_not_null() & ~pl.col("ip").is_in(NOBODY))
        sums = real.group_by("ip", "what", maintain_order=True).agg(pl.col("bytes").cast(pl.Int64).sum())
        for ip, what, sent in sums.iter_rows():
            self._keep(self.hosts, ip, self.hosts.get(ip, 0) + sent)
            self._keep(self.volumes, (ip, what), self.volumes.get((ip, what), 0) + sent)
        pairs = real.filter(pl.col("mac").is_not_null()).select("mac", "ip").unique(maintain_order=True)
        for mac, ip in pairs.iter_rows():
            if ip in self.macs.get(mac, ()):
                continue
            if self.spoken < MOST:
                self.macs.setdefault(mac, set()).add(ip)
                self.spoken += 1
            else:
                self.left_out += 1

    def _keep(self, kept: dict[Any, Any], key: object, value: object) -> None:
        """Keep a value while there is room for its key; count what is left out."""
        if key in kept or len(kept) < MOST:
            kept[key] = value
        else:
            self.left_out += 1
