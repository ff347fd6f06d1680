"""Which of the values that tshark prints belong to the packet that a frame is about.

tshark prints every occurrence of a field. Of nested packets Oddwire describes the innermost, but not what an
ICMP error quotes: `frame.protocols` gives the order of the headers, so it says which occurrence is meant.
"""

from collections import Counter

from tests.heavy.tshark_rows import Row

Cells = dict[str, str]

PORTS = {"tcp": "tcp", "udp": "udp", "udplite": "udp", "sctp": "sctp", "dccp": "dccp"}
# The header that names what comes next in a chain of extension headers.
CHAIN = {
    "ipv6.hopopts": "ipv6.hopopts.nxt",
    "ipv6.dstopts": "ipv6.dstopts.nxt",
    "ipv6.routing": "ipv6.routing.nxt",
    "ipv6.fraghdr": "ipv6.fraghdr.nxt",
    "mipv6": "mip6.proto",
    "shim6": "shim6.nxt",
    "ah": "ah.next_header",
}
TAGS = {"vlan": "vlan.id", "ieee8021ad": "ieee8021ad.id"}
QUOTING = frozenset({"icmp", "icmpv6"})
FLAG_BITS = 0x1FF
NS = 1_000_000_000


def cells(row: Row) -> Cells:
    """Return the cells that a row of the table of packets must have; an empty text is no value."""
    frame = {
        "time": str(epoch_ns(row["frame.time_epoch"])),
        "length": _at(row, "frame.len", 0),
        "captured": _at(row, "frame.cap_len", 0),
    }
    return frame | Walk(row).described()


def epoch_ns(printed: tuple[str, ...]) -> int | str:
    """Return printed seconds as nanoseconds.

    What tshark prints behind the point is a number of nanoseconds: where the microseconds of a packet are a
    second or more it has ten digits, and the second is to be added.
    """
    if not printed:
        return ""
    seconds, _, fraction = printed[0].partition(".")
    sign = -1 if seconds.startswith("-") else 1
    return int(seconds) * NS + sign * int(fraction.ljust(9, "0"))


def is_first_fragment(row: Row) -> bool:
    """Say whether some IP header of the frame is that of a datagram's first fragment."""
    four = zip(row["ip.flags.mf"], row["ip.frag_offset"], strict=False)
    six = zip(row["ipv6.fraghdr.more"], row["ipv6.fraghdr.offset"], strict=False)
    return any(more in {"1", "True"} and offset == "0" for more, offset in (*four, *six))


class Walk:
    """One walk along `frame.protocols`, counting how often each header was met."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.met: Counter[str] = Counter()
        self.packet: Cells = {}
        self.vlans: list[str] = []

    def described(self) -> Cells:
        """Return what the innermost packet's headers say."""
        for name in ":".join(self.row["frame.protocols"]).split(":"):
            if name in QUOTING:
                break
            self._read(name, self.met[name])
            self.met[name] += 1
        keys = ("src_ip", "dst_ip", "protocol", "ttl", "src_port", "dst_port", "tcp_flags")
        return {key: self.packet.get(key, "") for key in keys} | {"vlan": ".".join(self.vlans[:2])}

    def _read(self, name: str, index: int) -> None:
        if name in {"ip", "ipv6"}:
            self.packet = self._ip(name, index) or self.packet
        elif name == "arp":
            self.packet = self._arp(index) or self.packet
        elif name in TAGS and "ttl" not in self.packet:
            self.vlans.append(_at(self.row, TAGS[name], index))
        elif name in CHAIN:
            self.packet["protocol"] = _at(self.row, CHAIN[name], index) or self.packet.get("protocol", "")
        elif name in PORTS:
            self._transport(PORTS[name], index)

    def _ip(self, name: str, index: int) -> Cells:
        proto, ttl = ("ip.proto", "ip.ttl") if name == "ip" else ("ipv6.nxt", "ipv6.hlim")
        source = _at(self.row, f"{name}.src", index)
        if not source:
            return {}
        return {
            "src_ip": source,
            "dst_ip": _at(self.row, f"{name}.dst", index),
            "protocol": _at(self.row, proto, index),
            "ttl": _at(self.row, ttl, index),
        }

    def _arp(self, index: int) -> Cells:
        source = _at(self.row, "arp.src.proto_ipv4", index)
        target = _at(self.row, "arp.dst.proto_ipv4", index)
        return {"src_ip": source, "dst_ip": target} if source else {}

    def _transport(self, name: str, index: int) -> None:
        self.packet["src_port"] = _at(self.row, f"{name}.srcport", index)
        self.packet["dst_port"] = _at(self.row, f"{name}.dstport", index)
        flags = _at(self.row, "tcp.flags", index) if name == "tcp" else ""
        self.packet["tcp_flags"] = str(int(flags, 16) & FLAG_BITS) if flags else ""


def _at(row: Row, field: str, index: int) -> str:
    values = row[field]
    return values[index] if index < len(values) else ""
