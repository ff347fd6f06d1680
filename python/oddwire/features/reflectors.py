"""What reflectors send to a victim: many hosts answer it from one service's port, and it never asked."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

__all__ = ["AMPLIFIERS", "answers"]

TCP, UDP = 6, 17
# UDP services that answer a forged question with more than they were asked.
AMPLIFIERS: dict[int, str] = {
    7: "echo", 13: "daytime", 17: "quotd", 19: "chargen", 53: "DNS", 69: "TFTP", 111: "rpcbind", 123: "NTP",
    137: "NetBIOS", 138: "NetBIOS", 161: "SNMP", 177: "XDMCP", 389: "CLDAP", 427: "SLP", 464: "kpasswd",
    500: "ISAKMP", 520: "RIP", 523: "DB2", 623: "IPMI", 1194: "OpenVPN", 1434: "MS SQL", 1604: "Citrix",
    1645: "RADIUS", 1701: "L2TP", 1718: "H.323", 1719: "H.323", 1812: "RADIUS", 1900: "SSDP", 2302: "ArmA",
    2362: "digiman", 3283: "Apple Remote Desktop", 3389: "RDP", 3478: "STUN", 3702: "WS-Discovery",
    4500: "ISAKMP", 5060: "SIP", 5093: "Sentinel", 5351: "NAT-PMP", 5353: "mDNS", 5683: "CoAP",
    6881: "BitTorrent", 7001: "AFS", 8088: "8088", 10001: "Ubiquiti", 10074: "TP240", 11211: "memcached",
    17185: "VxWorks", 20800: "Call of Duty", 21025: "Starbound", 26000: "Quake", 27015: "Steam",
    27016: "Steam",
    27036: "Steam", 27950: "Quake 3", 27960: "Quake 3", 28960: "Call of Duty", 30718: "Lantronix",
    30120: "FiveM",
    32410: "Plex", 32414: "Plex", 33848: "Jenkins", 34567: "DVR", 37810: "DVR", 41794: "Crestron",
    44818: "EtherNet/IP",
    47808: "BACnet", 48899: "8899", 64738: "Mumble",
}  # fmt: skip
# Peers of these speak from the same port that they speak to, which is no answer.
AMONG_EQUALS = (138, 500, 520, 1194, 1645, 1701, 1812, 4500, 5060, 5353, 6881)
# So many hosts do not happen upon one source port: of services that answer, and of any port.
LEAST_KNOWN, LEAST_ANY = 8, 50
WELL_KNOWN = 1_024
LEAST_TCP = 10
LEAST_PACKETS = 80


def answers(rows: "pl.DataFrame") -> "pl.DataFrame":
    """Return (tick, victim, sport, protocol) of one-way flows that look like the answers of many.

    Of TCP these are SYN-ACKs and resets from one service's port; of UDP anything from one port of many hosts,
    and of fewer where the service is known to answer.
    """
    import polars as pl

    is_tcp = pl.col("protocol") == TCP
    is_service = (pl.col("sport") < WELL_KNOWN) | pl.col("sport").is_in(
        [1_080, 3_128, 3_306, 3_389, 5_432, 8_000, 8_080, 8_443]
    )
    # What goes on after the SYN-ACK is a conversation of which one side was captured.
    saying_yes = (pl.col("syn") == pl.col("packets")) & (pl.col("ack") > 0) & (pl.col("urg") == 0)
    saying_no = (pl.col("rst") == pl.col("packets")) & (pl.col("ack") > 0)
    is_answer = (pl.col("sport") != pl.col("dport")) | (
        pl.col("sport").is_in(list(AMPLIFIERS)) & ~pl.col("sport").is_in(AMONG_EQUALS)
    )
    fitting = rows.filter(pl.when(is_tcp).then(is_service & (saying_yes | saying_no)).otherwise(is_answer))
    known = pl.col("sport").is_in(list(AMPLIFIERS)) | (pl.col("sport") < WELL_KNOWN)
    least = (
        pl.when(pl.col("protocol") == TCP).then(LEAST_TCP).when(known).then(LEAST_KNOWN).otherwise(LEAST_ANY)
    )
    by_port = fitting.group_by("tick", "victim", "protocol", "sport", maintain_order=True).agg(
        pl.col("sender").n_unique().alias("reflectors"),
        pl.col("packets").sum().alias("answered"),
    )
    return by_port.filter(
        (pl.col("answered") >= LEAST_PACKETS) & (pl.col("reflectors") >= least) & (pl.col("sport") > 0)
    ).select("tick", "victim", "sport", "protocol")
