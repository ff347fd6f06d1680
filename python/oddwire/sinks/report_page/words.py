"""Names and figures of findings in the words of people, and short enough for a page."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from oddwire.records.evidence import Fact
from oddwire.records.units import bytes_text, duration_text, one_line

__all__ = ["amount_text", "clipped", "fact_text", "named"]

NS = 1_000_000_000
LONGEST, MOST_LISTED = 320, 24
_ABBREVIATED = "ack arp bpf c2 dga dhcp dns fin http icmp ics ip mac ra rst smb ssh syn tcp tls ttl udp"
CAPITALS = frozenset(_ABBREVIATED.split())
WRITTEN = {"dst": "destination", "src": "source", "dos": "denial of service"}
FEATURES = {
    "unique_dst_ports": "different ports tried",
    "unique_dst_hosts": "different hosts tried",
    "failed_ratio": "tries that came to nothing",
    "half_open_ratio": "connections left half open",
    "arp_dead_ratio": "addresses asked for that nobody has",
    "arp_targets": "addresses asked for",
    "gain": "bytes answered for a byte asked",
    "seconds": "lasted",
    "answered": "answered",
}
SHARES = ("_ratio", "_share")
SHARE_NAMES = frozenset({"answered", "failed"})


def clipped(text: str, longest: int = LONGEST) -> str:
    """Return text on one line without what a page would act on, cut where nobody reads on."""
    line = one_line(text)
    return line if len(line) <= longest else f"{line[:longest]}… ({len(line):,} characters)"


def named(word: str) -> str:
    """Return a name of the code as words: `arp_scan` as `ARP scan`.

    >>> named("unique_dst_ports"), named("arp_scan")
    ('different ports tried', 'ARP scan')
    """
    parts = FEATURES.get(word) or " ".join(_word(part) for part in word.split("_") if part)
    return clipped(parts.removesuffix(" ratio") or word)


def _word(part: str) -> str:
    return part.upper() if part in CAPITALS else WRITTEN.get(part, part)


def amount_text(name: str, value: float) -> str:
    """Return a figure as its name wants it: a share in percent, a size in binary units, a plain number.

    >>> amount_text("failed_ratio", 0.995), amount_text("ports", 1000.0)
    ('99.5 %', '1,000')
    """
    if not isfinite(value):
        return "not a number"
    if _is_share(name):
        return f"{100 * value:.3g} %"
    if name == "bytes" or name.startswith("bytes_") or name.endswith("_bytes"):
        return bytes_text(value)
    if name == "seconds" or name.endswith(("_s", "_seconds")):
        return duration_text(round(value * NS))
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:,.3g}"  # noqa: PLR2004


def _is_share(name: str) -> bool:
    return name.endswith(SHARES) or name in SHARE_NAMES


def fact_text(name: str, fact: Fact | Mapping[str, Any]) -> str:
    """Return a fact as text; a long list says how long it is."""
    if fact is None:
        return "unknown"
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    if isinstance(fact, int | float):
        # A number of a port or of a type is a name, not an amount.
        return str(fact) if name.endswith(("port", "type", "code", "protocol")) else amount_text(name, fact)
    if isinstance(fact, list):
        more = f", … ({len(fact):,} in all)" if len(fact) > MOST_LISTED else ""
        return clipped(", ".join(map(str, fact[:MOST_LISTED]))) + more
    return clipped(str(fact))
