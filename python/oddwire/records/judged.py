"""The columns of the tables that detectors read. The compiled core makes them; a test keeps both the same."""

from oddwire.records.said import SAID

__all__ = ["ARP_COLUMNS", "HEARD_COLUMNS", "TABLES", "TALK_COLUMNS", "TICK_NS"]

TICK_NS = 5_000_000_000

_WHO = """
    tick src dst src_port dst_port protocol ip_version icmp_type icmp_code vlans tunnel sure service state
    ended born first last input first_packet last_packet
"""
_SIDES = """
    packets bytes payload payload_packets length_squares length_min length_max fin syn rst psh ack urg ttl_min
    ttl_max entropy entropy_bytes mac mac_also
"""
_ARP = """
    tick vlan frame_src frame_dst operation sender_mac sender target_mac target packets bytes first last input
    first_packet last_packet
"""
_HEARD = """
    tick src dst src_port dst_port protocol ip_version vlans tunnel born first input first_packet
"""
TALK_COLUMNS: tuple[str, ...] = (
    *_WHO.split(),
    *(f"{name}_{way}" for name in _SIDES.split() for way in ("out", "in")),
)
ARP_COLUMNS: tuple[str, ...] = tuple(_ARP.split())
# What every table of what was said begins with.
HEARD_COLUMNS: tuple[str, ...] = tuple(_HEARD.split())
# What a detector can declare to need: `table.column`; tables of what was said bear the names of protocols.
TABLES: dict[str, tuple[str, ...]] = {
    "talks": TALK_COLUMNS,
    "ended": TALK_COLUMNS,
    "arp": ARP_COLUMNS,
    **{protocol: (*HEARD_COLUMNS, *columns) for protocol, columns in SAID.items()},
}
