"""Conversations: the plan from which both tables and packets of a simulation are made.

A plan is a frame with one row a conversation, in any order. Everything that rows or packets show follows from
it, so that both tell the same story.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

__all__ = ["COLUMNS", "NS", "conversations", "joined"]

NS = 1_000_000_000

# name: (type, default). Times are nanoseconds since the epoch; payload is in bytes, headers come on top.
COLUMNS: dict[str, tuple[str, Any]] = {
    "start_ns": ("Int64", None),
    "duration_ns": ("Int64", 0),
    # Addresses as text, IPv4 or IPv6; `src` begins the conversation.
    "src": ("String", None),
    "dst": ("String", None),
    "src_port": ("UInt16", 0),
    "dst_port": ("UInt16", 0),
    # 6 TCP, 17 UDP, 1 ICMP (an echo), 58 ICMPv6.
    "protocol": ("UInt8", 6),
    # What is spoken: tls http dns ssh smb rdp ntp snmp smtp imap quic kerberos printing backup, or null.
    "service": ("String", None),
    # The name in it: SNI of tls and quic, host of http, question of dns.
    "name": ("String", None),
    # dns: the addresses answered, with commas; "NXDOMAIN" or "SERVFAIL" for a failure.
    "answer": ("String", None),
    # dns: A AAAA TXT PTR ...; http: GET POST ...
    "verb": ("String", None),
    # "answered", "refused" (TCP reset, or port unreachable) or "silent" (nothing comes back).
    "outcome": ("String", "answered"),
    "payload_out": ("Int64", 0),
    "payload_in": ("Int64", 0),
    # Packets with payload; 0 lets the maker decide by the size.
    "packets_out": ("Int64", 0),
    "packets_in": ("Int64", 0),
    # How the payload lies in time: "burst" (soon after the start), "even", or "beats" (every beat_ns).
    "shape": ("String", "burst"),
    "beat_ns": ("Int64", 0),
    # TCP: "fin", "rst", or "open" (never closed).
    "close": ("String", "fin"),
    # The incident that it belongs to; null for ordinary traffic.
    "incident": ("String", None),
}


def conversations(**given: Any) -> "pl.DataFrame":  # noqa: ANN401  # a value for all rows, or one a row
    """Return a plan: for each column a value for all rows or one for each; what is left out has its default.

    >>> conversations(start_ns=[0, 5 * NS], src="10.0.0.2", dst="10.0.0.1", dst_port=53, protocol=17).height
    2
    """
    import polars as pl

    if unknown := sorted(set(given) - set(COLUMNS)):
        raise TypeError(f"a conversation has no {unknown[0]}")
    many = {
        name: value
        for name, value in given.items()
        if hasattr(value, "__len__") and not isinstance(value, str)
    }
    rows = max((len(value) for value in many.values()), default=1)
    return pl.DataFrame(
        {
            name: pl.Series(name, many[name], dtype=getattr(pl, dtype))
            if name in many
            else pl.repeat(given.get(name, default), rows, dtype=getattr(pl, dtype), eager=True)
            for name, (dtype, default) in COLUMNS.items()
        }
    )


def joined(plans: "list[pl.DataFrame]") -> "pl.DataFrame":
    """Return several plans as one, in the order of time."""
    import polars as pl

    return pl.concat(plans or [conversations().clear()]).sort("start_ns", maintain_order=True)
