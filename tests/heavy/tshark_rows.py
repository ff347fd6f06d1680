"""What tshark says of every frame of a capture, reading the headers that Oddwire reads and no others."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# The headers that both follow. What is not here is payload to Oddwire, so tshark leaves it alone too.
LINKS = (
    "eth ethertype vlan ieee8021ad ieee8021ah llc snap sll null raw ppp ppp_hdlc pppoe pppoed pppoes chdlc "
    "wlan wlan_aggregate radiotap wlan_radio prism wlancap ppi nflog pktap mpls cmd vntag macsec nsh loop"
)
NETWORKS = "arp ip ipv6 icmp icmpv6 igmp tcp udp udplite sctp dccp ah esp mipv6 shim6"
TUNNELS = "gre erspan erspan-marker vxlan vxlan_gpe geneve gtp teredo"
FOLLOWED = frozenset(f"frame data file {LINKS} {NETWORKS} {TUNNELS}".split())

FIELDS = (
    *("frame.number", "frame.time_epoch", "frame.len", "frame.cap_len", "frame.protocols"),
    *("ip.src", "ip.dst", "ip.proto", "ip.ttl", "ip.flags.mf", "ip.frag_offset"),
    *("ipv6.src", "ipv6.dst", "ipv6.nxt", "ipv6.hlim", "ipv6.fraghdr.offset", "ipv6.fraghdr.more"),
    *(
        "ipv6.hopopts.nxt",
        "ipv6.dstopts.nxt",
        "ipv6.routing.nxt",
        "ipv6.fraghdr.nxt",
        "mip6.proto",
        "shim6.nxt",
    ),
    *("ah.next_header", "arp.src.proto_ipv4", "arp.dst.proto_ipv4", "vlan.id", "ieee8021ad.id"),
    *(
        "tcp.srcport",
        "tcp.dstport",
        "tcp.flags",
        "udp.srcport",
        "udp.dstport",
        "sctp.srcport",
        "sctp.dstport",
        "dccp.srcport",
        "dccp.dstport",
    ),
)
# 8472 is the port on which Linux sends VXLAN unless told otherwise; tshark has to be told.
OPTIONS = (
    *("-o", "tcp.desegment_tcp_streams:FALSE"),
    *("-o", "tcp.analyze_sequence_numbers:FALSE"),
    *("-d", "udp.port==8472,vxlan"),
)
SINGLE = ("-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE")

Row = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tshark:
    """A tshark with settings of its own, whatever those of the user are."""

    program: str
    settings: Path

    @classmethod
    def with_settings(cls, program: str, settings: Path) -> "Tshark":
        """Return a tshark that reads only the headers that are followed."""
        made = cls(program=program, settings=settings)
        listed = made.run("-G", "protocols").stdout.splitlines()
        names = {line.split("\t")[2] for line in listed if line.count("\t") >= 2}
        left = sorted(name for name in names if name.partition(".")[0] not in FOLLOWED)
        (settings / "disabled_protos").write_text("".join(f"{name}\n" for name in left), encoding="utf-8")
        return made

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        surroundings = os.environ | {"WIRESHARK_CONFIG_DIR": str(self.settings), "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            [self.program, *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            env=surroundings,
            check=False,
            timeout=300,
        )

    def rows(self, capture: Path, *options: str) -> list[Row] | None:
        """Return all occurrences of every field, frame by frame; None when it is no capture to tshark."""
        wanted = [part for field in FIELDS for part in ("-e", field)]
        form = ("-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=;")
        done = self.run("-n", "-r", capture, *OPTIONS, *options, *form, *wanted)
        if done.returncode and not done.stdout:
            return None
        return [_row(line) for line in done.stdout.splitlines()]


def _row(line: str) -> Row:
    cells = line.split("\t")
    return {name: tuple(cell.split(";")) if cell else () for name, cell in zip(FIELDS, cells, strict=True)}
