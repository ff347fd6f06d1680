"""What a finding can be, how bad that is, and how a detector's view is cut."""

from enum import IntEnum, StrEnum

__all__ = ["CONTEXT", "DEFAULT_SEVERITY", "PERIODIC", "Cadence", "Kind", "Scope", "Severity"]


class Severity(IntEnum):
    """A promise to the reader: how soon somebody should look."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """Return the word that is written."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> "Severity":
        """Return the severity that a word names."""
        return cls[word.upper()]


class Cadence(StrEnum):
    """How often a detector judges."""

    TICK = "tick"
    WINDOW = "window"


class Scope(StrEnum):
    """What one part of a detector's state belongs to; work is divided along it."""

    HOST = "host"
    PAIR = "pair"
    VICTIM = "victim"
    NETWORK = "network"


class Kind(StrEnum):
    """The closed list of what findings are about."""

    PORT_SCAN = "port_scan"
    HOST_SWEEP = "host_sweep"
    ARP_SCAN = "arp_scan"
    BRUTE_FORCE = "brute_force"
    PASSWORD_SPRAY = "password_spray"  # noqa: S105  # a kind of attack
    BEACON = "beacon"
    DGA = "dga"
    LATERAL = "lateral"
    IP_CONFLICT = "ip_conflict"
    ICS_RECON = "ics_recon"
    SPAM = "spam"
    SYN_FLOOD = "syn_flood"
    UDP_FLOOD = "udp_flood"
    ICMP_FLOOD = "icmp_flood"
    ACK_FLOOD = "ack_flood"
    ARP_FLOOD = "arp_flood"
    REFLECTION_FLOOD = "reflection_flood"
    SLOW_DOS = "slow_dos"
    ARP_SPOOF = "arp_spoof"
    ROGUE_DHCP = "rogue_dhcp"
    ROGUE_RA = "rogue_ra"
    ROGUE_DNS = "rogue_dns"
    ICMP_REDIRECT = "icmp_redirect"
    EXPLOIT = "exploit"
    WEB_ATTACK = "web_attack"
    C2 = "c2"
    INFECTION = "infection"
    DNS_TUNNEL = "dns_tunnel"
    ICMP_TUNNEL = "icmp_tunnel"
    COVERT_CHANNEL = "covert_channel"
    EXFILTRATION = "exfiltration"
    ICS_COMMAND = "ics_command"
    INTEL_MATCH = "intel_match"
    NEW_HOST = "new_host"
    NEW_SERVICE = "new_service"
    UNUSUAL_VOLUME = "unusual_volume"
    BURST = "burst"
    TOP_TALKER = "top_talker"
    RARE_DESTINATION = "rare_destination"
    RARE_PROTOCOL = "rare_protocol"
    RARE_PORT = "rare_port"
    LONG_CONNECTION = "long_connection"
    WEAK_TLS = "weak_tls"
    CLEARTEXT_CREDENTIALS = "cleartext_credentials"
    EXECUTABLE_DOWNLOAD = "executable_download"
    BOGON = "bogon"
    ODD_HOST = "odd_host"
    ODD_FLOW = "odd_flow"


_MEDIUM = (
    "port_scan host_sweep arp_scan brute_force password_spray beacon dga lateral ip_conflict ics_recon spam "
    "intel_match"
)
_LOW = (
    "new_host new_service unusual_volume burst top_talker rare_destination rare_protocol rare_port "
    "long_connection weak_tls cleartext_credentials executable_download bogon odd_host odd_flow"
)
# Kinds that are worth knowing while investigating; they never raise an alarm by themselves.
CONTEXT: frozenset[Kind] = frozenset(map(Kind, _LOW.split()))
PERIODIC: frozenset[Kind] = frozenset({Kind.BEACON})
DEFAULT_SEVERITY: dict[Kind, Severity] = (
    dict.fromkeys(Kind, Severity.HIGH)
    | dict.fromkeys(map(Kind, _MEDIUM.split()), Severity.MEDIUM)
    | dict.fromkeys(CONTEXT, Severity.LOW)
)
