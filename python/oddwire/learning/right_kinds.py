"""Which kinds of finding are right for which kind of label."""

__all__ = ["BENIGN", "IGNORE", "of_forgery", "of_pairs", "said", "wanted"]

BENIGN, IGNORE = "benign", "ignore"
# Who forges an address harms the one whose address it is: naming either is naming it.
_FORGERY = frozenset({"arp_spoof", "ip_conflict"})
# What two hosts do together: either of them may be the subject.
_PAIRS = frozenset(
    {
        "ip_conflict",
        "c2",
        "beacon",
        "infection",
        "exfiltration",
        "dns_tunnel",
        "icmp_tunnel",
        "dga",
        "spam",
    }
)
# What traffic alone cannot always tell apart: for a label of the first kind the others are right as well.
_ALSO_RIGHT = {
    "c2": {"beacon", "exfiltration", "infection"},
    "beacon": {"c2", "infection"},
    "infection": {"c2", "beacon", "exfiltration", "exploit"},
    "exfiltration": {"c2", "infection"},
    "port_scan": {"host_sweep"},
    "host_sweep": {"port_scan"},
    "arp_flood": {"arp_scan"},
    "dga": {"dns_tunnel", "c2", "infection"},
    "exploit": {"c2", "infection", "lateral"},
    "lateral": {"exfiltration", "exploit"},
    "slow_dos": {"syn_flood"},
    "syn_flood": {"slow_dos"},
    "ics_recon": {"ics_command"},
    "spam": {"infection", "host_sweep"},
}
# Kinds that labels call by other names.
_READ_AS = {
    "udp_flood": {"syn_flood", "reflection_flood"},
    "ack_flood": {"syn_flood"},
    "password_spray": {"brute_force"},
    "covert_channel": {"c2", "icmp_tunnel", "dns_tunnel"},
    "rogue_dns": {"arp_spoof"},
    "intel_match": {"c2", "infection"},
}


def of_forgery(kind: str) -> bool:
    """Say whether a label of this kind is named by its victim too."""
    return kind in _FORGERY


def of_pairs(kind: str) -> bool:
    """Say whether a label of this kind is what two hosts do together."""
    return kind in _PAIRS


def said(kind: str) -> frozenset[str]:
    """Return the kinds of label that a finding of this kind speaks of."""
    return frozenset(_READ_AS.get(kind, {kind}))


def wanted(kind: str, also: frozenset[str]) -> frozenset[str]:
    """Return the kinds that are right for a label: its own, those it names, and those that come near."""
    return frozenset({kind}) | also | frozenset(_ALSO_RIGHT.get(kind, ()))
