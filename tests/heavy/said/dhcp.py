"""DHCP: a row of ours is a message, and so is a frame of tshark."""

from collections.abc import Iterator

from tests.heavy.said.message import Cells, Frame, Message, Talk, first, text
from tests.heavy.said.rows import SaidRow

NAMES = (
    *("message", "transaction", "client_mac", "client_ip", "assigned_ip", "requested_ip", "server_ip"),
    *("hostname", "vendor_class", "lease_s"),
)
COLUMNS = ("packet", "service", *NAMES)
FIELDS = (
    *("dhcp.id", "dhcp.type", "dhcp.option.dhcp", "dhcp.hw.mac_addr", "dhcp.option.requested_ip_address"),
    *("dhcp.ip.client", "dhcp.ip.your", "dhcp.option.dhcp_server_id", "dhcp.option.hostname"),
    *("dhcp.option.vendor_class_id", "dhcp.option.ip_address_lease_time"),
)
MESSAGES = (
    *("discover", "offer", "request", "decline", "ack", "nak", "release", "inform", "force_renew"),
    *("lease_query", "lease_unassigned", "lease_unknown", "lease_active"),
)
NO_ADDRESS = "0.0.0.0"  # noqa: S104  that no address is said


def ours(row: SaidRow) -> Iterator[Message]:
    """Return the message of a row; DHCPv6 has no fields in common."""
    if row["service"] == "dhcp":
        yield Message(part="message", packet=row["packet"], cells={name: text(row[name]) for name in NAMES})


def theirs(frame: Frame) -> Iterator[Message]:
    """Return the message of a frame."""
    if not frame["dhcp.id"]:
        return
    cells = {
        "transaction": str(int(first(frame["dhcp.id"]), 16)),
        "client_mac": first(frame["dhcp.hw.mac_addr"]),
        "client_ip": _address(frame, "dhcp.ip.client"),
        "assigned_ip": _address(frame, "dhcp.ip.your"),
        "requested_ip": _address(frame, "dhcp.option.requested_ip_address"),
        "hostname": first(frame["dhcp.option.hostname"]),
        "vendor_class": first(frame["dhcp.option.vendor_class_id"]),
        "lease_s": first(frame["dhcp.option.ip_address_lease_time"]),
    }
    yield Message(part="message", packet=int(first(frame["frame.number"])), cells=cells | _of_options(frame))


def _of_options(frame: Frame) -> Cells:
    """Return what is compared only where an option says it: otherwise ours is by the header."""
    cells = {}
    if kind := first(frame["dhcp.option.dhcp"]):
        number = int(kind)
        cells["message"] = MESSAGES[number - 1] if 1 <= number <= len(MESSAGES) else kind
    if server := first(frame["dhcp.option.dhcp_server_id"]):
        cells["server_ip"] = server
    return cells


def _address(frame: Frame, field: str) -> str:
    said = first(frame[field])
    return "" if said == NO_ADDRESS else said


DHCP = Talk(table="dhcp", columns=COLUMNS, fields=FIELDS, ours=ours, theirs=theirs)
