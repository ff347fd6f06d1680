"""The services of our flows beside what nDPI says of the same flows."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.heavy import ndpi
from tests.heavy.conformance import Difference
from tests.heavy.said.rows import said_rows

COLUMNS = ("transport", "src_ip", "src_port", "dst_ip", "dst_port", "service", "service_sure")

# nDPI's names of what we parse, by the names of our services.
OF_SERVICE: Mapping[str, tuple[str, ...]] = {
    "dns": ("DNS",),
    "mdns": ("MDNS",),
    "llmnr": ("LLMNR",),
    "nbns": ("NetBIOS",),
    "tls": ("TLS", "IMAPS", "POPS", "SMTPS"),
    "dtls": ("DTLS",),
    "quic": ("QUIC",),
    "http": ("HTTP", "HTTP_Proxy", "HTTP_Connect", "SOAP"),
    "ssh": ("SSH",),
    "ftp": ("FTP_CONTROL", "FTPS"),
    "smtp": ("SMTP",),
    "imap": ("IMAP",),
    "pop3": ("POP3",),
    "irc": ("IRC",),
    "telnet": ("Telnet",),
    "dhcp": ("DHCP",),
    "dhcpv6": ("DHCPV6",),
    "ssdp": ("SSDP",),
    "socks": ("SOCKS",),
    "ntp": ("NTP",),
    "snmp": ("SNMP",),
    "icmp": ("ICMP",),
    "icmpv6": ("ICMPV6",),
    "smb": ("SMBv1", "SMBv23"),
    "dcerpc": ("DCERPC",),
    "rdp": ("RDP",),
    "kerberos": ("Kerberos",),
    "modbus": ("Modbus",),
    "dnp3": ("DNP3",),
    "mqtt": ("MQTT",),
}
BY_NDPI = {name: service for service, names in OF_SERVICE.items() for name in names}


# What of a flow is compared.
SERVICE, FLOW = "service", "flow"


@dataclass(kw_only=True, slots=True)
class Tally:
    """How often both say the same of a service."""

    # Flows that are this to nDPI, by content; those that are this to us, too.
    theirs: int = 0
    same: int = 0
    # Flows that surely are this to us, of which nDPI says something; those that are this to nDPI, too.
    ours: int = 0
    agreed: int = 0


@dataclass(kw_only=True, slots=True)
class Compared:
    """What came of all captures."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    # Flows that nDPI names by port or address, without having seen what they say.
    guessed: int = 0
    differences: list[Difference] = field(default_factory=list)

    def add(self, result: Path, name: str) -> None:
        """Compare the flows of a capture."""
        said = services(ndpi.capture_of(result))
        theirs = ndpi.flows(result)
        for flow in theirs:
            self._flow(name, said.get(flow.ends), flow)
        known = {flow.ends for flow in theirs}
        for both, ours in said.items():
            if ours and both not in known:
                self.differences.append(_cell(name, both, FLOW, ", ".join(sorted(ours)), ""))

    def _flow(self, name: str, ours: frozenset[str] | None, flow: ndpi.Flow) -> None:
        if ours is None:
            self.differences.append(_cell(name, flow.ends, FLOW, "", flow.name))
            return
        expected = BY_NDPI.get(flow.master)
        self.guessed += expected is not None and not flow.seen
        same = ours == {expected}
        for service in ours:
            tally = self._tally(service)
            tally.ours += 1
            tally.agreed += service == expected
        if expected is not None and flow.seen:
            tally = self._tally(expected)
            tally.theirs += 1
            tally.same += same
        if not same and (ours or (expected is not None and flow.seen)):
            theirs = flow.name if flow.seen else f"{flow.name} ({flow.how})"
            self.differences.append(_cell(name, flow.ends, SERVICE, ", ".join(sorted(ours)), theirs))

    def _tally(self, service: str) -> Tally:
        return self.tallies.setdefault(service, Tally())

    def total(self) -> Tally:
        """Return the sum over all services."""
        every = self.tallies.values()
        return Tally(
            theirs=sum(one.theirs for one in every),
            same=sum(one.same for one in every),
            ours=sum(one.ours for one in every),
            agreed=sum(one.agreed for one in every),
        )


def services(capture: Path) -> dict[ndpi.Ends, frozenset[str]]:
    """Return what our flows surely are, by their two ends; several flows may have the same ends."""
    found: dict[ndpi.Ends, set[str]] = defaultdict(set)
    for row in said_rows(capture, "flows", COLUMNS):
        a, b = ((row[f"{end}_ip"], row[f"{end}_port"] or 0) for end in ("src", "dst"))
        both = ndpi.ends(row["transport"], a, b)
        found[both] |= {row["service"]} if row["service_sure"] else set()
    return {both: frozenset(names) for both, names in found.items()}


def compare(pack: Path) -> Compared:
    """Compare the flows of every capture that nDPI has a result for."""
    compared = Compared()
    for result in ndpi.results(pack):
        compared.add(result, ndpi.capture_of(result).relative_to(pack).as_posix())
    return compared


def _cell(name: str, both: ndpi.Ends, what: str, ours: str, theirs: str) -> Difference:
    return Difference(
        capture=name, number=0, field=what, ours=ours, theirs=theirs, protocols=ndpi.shown(both)
    )
