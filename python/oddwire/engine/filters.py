"""The packets of a finding in the words of Wireshark and tcpdump."""

from collections.abc import Sequence
from ipaddress import ip_address

from oddwire.records.evidence import ARP, Selector
from oddwire.records.finding import Filters

__all__ = ["filters_of"]

NS = 1_000_000_000
NAMES = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6", 132: "sctp"}
BPF_NAMES = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6", 132: "sctp"}
WITH_PORTS = {6, 17, 132}


def filters_of(selectors: Sequence[Selector], *, first_ns: int | None, last_ns: int | None) -> Filters:
    """Return both filters. BPF knows no time: it is exact only when the evidence spans the whole capture."""
    if not selectors:
        return Filters(wireshark=None, bpf=None, bpf_exact=False, why_not="the finding names no packets")
    whole = first_ns is not None and all(
        one.from_ns <= first_ns and one.until_ns >= (last_ns or 0) for one in selectors
    )
    wireshark = " or ".join(dict.fromkeys(f"({_wireshark(one)})" for one in selectors))
    bpf = " or ".join(dict.fromkeys(f"({_bpf(one)})" for one in selectors))
    return Filters(wireshark=wireshark, bpf=f"{bpf} or (vlan and ({bpf}))", bpf_exact=whole)


def _wireshark(one: Selector) -> str:
    parts = []
    if one.protocol is not None:
        name = "arp" if one.protocol == ARP else NAMES.get(one.protocol)
        parts.append(name or f"ip.proto == {one.protocol}")
    transport = NAMES.get(one.protocol or 0, "tcp")
    for end, way in ((one.a, "src"), (one.b, "dst")):
        if end is not None:
            parts.append(_wireshark_end(end, "addr" if one.both else way, is_arp=one.protocol == ARP))
    if one.port is not None and one.protocol in WITH_PORTS:
        parts.append(f"{transport}.{'port' if one.both else 'dstport'} == {one.port}")
    parts += [f"frame.time_epoch >= {_seconds(one.from_ns)}", f"frame.time_epoch <= {_seconds(one.until_ns)}"]
    return " and ".join(parts)


def _wireshark_end(end: str, way: str, *, is_arp: bool) -> str:
    version = _version(end)
    if version is None:
        return f"eth.{way} == {end}"
    if is_arp:
        fields = {"src": ["src"], "dst": ["dst"], "addr": ["src", "dst"]}[way]
        return "(" + " or ".join(f"arp.{field}.proto_ipv4 == {end}" for field in fields) + ")"
    field = "ip" if version == 4 else "ipv6"  # noqa: PLR2004  # IP's version
    if version == 4 and way == "addr":  # noqa: PLR2004  # IP's version
        return f"(ip.addr == {end} or arp.src.proto_ipv4 == {end} or arp.dst.proto_ipv4 == {end})"
    return f"{field}.{way} == {end}"


def _bpf(one: Selector) -> str:
    parts = []
    if one.protocol is not None:
        parts.append(
            "arp" if one.protocol == ARP else BPF_NAMES.get(one.protocol) or f"ip proto {one.protocol}"
        )
    for end, way in ((one.a, "src"), (one.b, "dst")):
        if end is not None:
            told = f"host {end}" if _version(end) else f"ether host {end}"
            parts.append(
                told if one.both else told.replace("host", way if _version(end) is None else f"{way} host")
            )
    if one.port is not None:
        parts.append(f"port {one.port}" if one.both else f"dst port {one.port}")
    return " and ".join(parts) or "len >= 0"


def _version(end: str) -> int | None:
    try:
        return ip_address(end).version
    except ValueError:
        return None


def _seconds(time_ns: int) -> str:
    return f"{time_ns // NS}.{time_ns % NS:09d}"
