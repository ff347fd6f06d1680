"""The summary of captures as one value, and what of it deserves a reader's attention."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from oddwire import native
from oddwire.records.units import bytes_text, count_text
from oddwire.sources.files import Capture

__all__ = ["Host", "Inspection", "inspect", "quality_lines", "sample", "summary_quality"]


# The parts of each entry of a list of figures.
COUNTED = ("name", "packets", "bytes")
PARTS = {
    "protocols": COUNTED,
    "services": COUNTED,
    "transports": COUNTED,
    "links": COUNTED[:2],
    "layers": COUNTED[:2],
    "volume": ("start_ns", "packets", "bytes"),
}
SPOKEN = {
    "services": ("name", "flows", "by_content", "bytes"),
    "domains": ("domain", "queries", "connections", "hosts"),
    "fingerprints": ("kind", "fingerprint", "sessions", "hosts"),
}
DAMAGED_SHOWN = 5
RANKINGS = ("sources_by_packets", "sources_by_bytes", "destinations_by_packets", "destinations_by_bytes")


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """What one host sent and received."""

    ip: str
    packets_out: int
    bytes_out: int
    packets_in: int
    bytes_in: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """The figures of captures, and what was seen while reading them."""

    figures: Mapping[str, Any]
    seen: Mapping[str, Any]

    @property
    def packets(self) -> int:
        """Return the number of packets."""
        return int(self.figures["total"]["packets"])

    @property
    def bytes(self) -> int:
        """Return their bytes on the wire."""
        return int(self.figures["total"]["bytes"])

    @property
    def span_ns(self) -> int:
        """Return the time from the first packet to the last."""
        first, last = self.seen["first_ns"], self.seen["last_ns"]
        return 0 if first is None else int(last - first)

    def hosts(self, ranking: str) -> Sequence[Host]:
        """Return a ranking such as `sources_by_packets`."""
        return [
            Host(ip=ip, packets_out=po, bytes_out=bo, packets_in=pi, bytes_in=bi)
            for ip, po, bo, pi, bi in self.figures[ranking]
        ]

    def to_dict(self) -> Mapping[str, Any]:
        """Return everything with the names of its parts, for `--json` and for pages."""
        named = {key: _named(parts, self.figures[key]) for key, parts in PARTS.items()}
        spoken = self.figures["spoken"]
        said = {key: _named(parts, spoken[key]) for key, parts in SPOKEN.items()}
        hosts = {key: [asdict(host) for host in self.hosts(key)] for key in RANKINGS}
        forgotten, short = self.figures["hosts_forgotten"]
        return {
            **self.figures,
            **named,
            **hosts,
            "spoken": {**spoken, **said},
            "hosts_forgotten": {"hosts": forgotten, "packets_short": short},
            "length_histogram": _histogram(self.figures),
            "seen": self.seen,
        }


def _named(parts: Sequence[str], entries: Sequence[Sequence[Any]]) -> Sequence[Mapping[str, Any]]:
    return [dict(zip(parts, entry, strict=False)) for entry in entries]


def _histogram(figures: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the classes of packet lengths: from, to (null for the last) and packets."""
    bounds = figures["length_classes"]
    lows, highs = [0, *(bound + 1 for bound in bounds)], [*bounds, None]
    counts = figures["length_histogram"]
    return [
        {"from": low, "to": high, "packets": count}
        for low, high, count in zip(lows, highs, counts, strict=True)
    ]


def inspect(
    capture: Capture, *, top: int, describe: bool, progress: native.Progress | None = None
) -> Inspection:
    """Read captures once and count."""
    figures, seen = capture.summary(top=top, describe=describe, progress=progress)
    return Inspection(figures=figures, seen=seen)


def sample(capture: Capture, protocol: int, count: int) -> Sequence[Mapping[str, Any]]:
    """Return the first packets of an IP protocol number."""
    shape = native.Shape(
        columns=["number", "time", "src_ip", "src_port", "dst_ip", "dst_port", "length", "flags", "app"],
        filter=f"protocol == {protocol}",
        limit=count,
    )
    stream = capture.stream("packets", shape)
    names = stream.names()
    rows: list[Mapping[str, Any]] = []
    with native.core_errors():
        while batch := stream.next_rows():
            rows.extend(dict(zip(names, row, strict=True)) for row in batch)
    return rows


def summary_quality(seen: Inspection) -> list[str]:
    """Return the same for a summary, with the first damaged packets and what the figures lack."""
    lines = [*quality_lines(seen.seen), *seen.seen["damage_lines"][:DAMAGED_SHOWN]]
    if seen.figures["offload"]:
        offloaded = count_text(seen.figures["offload"], "packet")
        lines.append(f"{offloaded} larger than a link carries: joined by the capturing host's network card")
    forgotten, short = seen.figures["hosts_forgotten"]
    if forgotten:
        small = count_text(forgotten, "small host")
        lines.append(f"{small} forgotten; rankings may lack up to {short:,} packets a host")
    return lines


def quality_lines(seen: Mapping[str, Any]) -> list[str]:
    """Return what was not as it should be, a sentence each, the worst first; nothing for a clean capture."""
    lines = [line for one in seen["inputs"] for line in _input_lines(one)]
    counted = (
        ("evicted", "flow ended early for lack of memory", "flows ended early for lack of memory"),
        ("unheard_flows", "flow left unheard for lack of memory", "flows left unheard for lack of memory"),
        (
            "unheard_work",
            "handshake or certificate left unread: too many in a second",
            "handshakes or certificates left unread: too many in a second",
        ),
        ("forgotten", "name left out of the counts: too many", "names left out of the counts: too many"),
        ("damaged", "packet with damaged headers", "packets with damaged headers"),
        ("cut", "packet cut at the snap length", "packets cut at the snap length"),
        ("repeated", "repeated packet left out", "repeated packets left out"),
        ("left_out", "packet left out by time or filter", "packets left out by time or filter"),
        ("late", "packet out of time order by more than 5 s", "packets out of time order by more than 5 s"),
        ("clamped", "packet with an unbelievable time", "packets with an unbelievable time"),
        ("fragments_lost", "fragmented datagram never completed", "fragmented datagrams never completed"),
    )
    lines += [count_text(seen[key], one, many) for key, one, many in counted if seen.get(key)]
    return lines


def _input_lines(one: Mapping[str, Any]) -> list[str]:
    """Return what was wrong with one input."""
    lines = []
    if one["error"]:
        lines.append(f"{one['name']}: {one['error'][1]}")
    lines += one["warnings"]
    further = one["warning_count"] - len(one["warnings"])
    if further > 0:
        lines.append(f"{one['name']}: {count_text(further, 'further warning')}")
    if one["skipped_bytes"]:
        lines.append(f"{one['name']}: {bytes_text(one['skipped_bytes'])} passed over because of damage")
    if one["dropped"]:
        lines.append(f"{one['name']}: {count_text(one['dropped'], 'packet')} dropped while capturing")
    if one["untimed"]:
        lines.append(f"{one['name']}: {count_text(one['untimed'], 'packet')} without a time of their own")
    return lines
