"""What happened, in one sentence: who did what, in which order, and who did what then."""

from collections.abc import Sequence

from oddwire.records.finding import Finding
from oddwire.records.kinds import Kind
from oddwire.records.units import duration_text

__all__ = ["story"]

MOST_HOSTS, MOST_STEPS = 4, 5
# What a host did, with the preposition before whom it did it to.
DID: dict[Kind, tuple[str, str]] = {
    Kind.PORT_SCAN: ("tried ports", "of"),
    Kind.HOST_SWEEP: ("looked for hosts", ""),
    Kind.ARP_SCAN: ("looked for neighbours", ""),
    Kind.BRUTE_FORCE: ("guessed passwords", "at"),
    Kind.PASSWORD_SPRAY: ("tried passwords at many places", ""),
    Kind.BEACON: ("checked in regularly", "with"),
    Kind.DGA: ("asked for made-up names", ""),
    Kind.LATERAL: ("moved on", "to"),
    Kind.IP_CONFLICT: ("used an address that is another's", ""),
    Kind.ICS_RECON: ("explored controllers", ""),
    Kind.ICS_COMMAND: ("gave commands to controllers", "at"),
    Kind.SPAM: ("sent mail in bulk", ""),
    Kind.SYN_FLOOD: ("flooded with connections", "to"),
    Kind.UDP_FLOOD: ("flooded with datagrams", "to"),
    Kind.ICMP_FLOOD: ("flooded with pings", "to"),
    Kind.ACK_FLOOD: ("flooded with segments", "to"),
    Kind.ARP_FLOOD: ("flooded with ARP", ""),
    Kind.REFLECTION_FLOOD: ("flooded by reflection", "to"),
    Kind.SLOW_DOS: ("held connections open", "at"),
    Kind.ARP_SPOOF: ("forged ARP answers", ""),
    Kind.ROGUE_DHCP: ("lent addresses that are not its own", ""),
    Kind.ROGUE_RA: ("announced itself as router", ""),
    Kind.ROGUE_DNS: ("gave forged answers to names", ""),
    Kind.ICMP_REDIRECT: ("redirected traffic", ""),
    Kind.EXPLOIT: ("broke in", "at"),
    Kind.WEB_ATTACK: ("attacked a web server", "at"),
    Kind.C2: ("took orders", "from"),
    Kind.INFECTION: ("was infected", "from"),
    Kind.DNS_TUNNEL: ("tunnelled through names", ""),
    Kind.ICMP_TUNNEL: ("tunnelled through pings", "to"),
    Kind.COVERT_CHANNEL: ("hid a channel in other traffic", "to"),
    Kind.EXFILTRATION: ("sent data out", "to"),
    Kind.ODD_HOST: ("was unlike its past", ""),
    Kind.ODD_FLOW: ("talked as never before", "with"),
    Kind.INTEL_MATCH: ("met a known bad address", ""),
}


def story(alarms: Sequence[Finding]) -> str:
    """Return the sentence; `alarms` come in the order of time.

    Each host is told once, where it began: what it did in its order, and then the next host.
    """
    hosts: dict[str, list[Finding]] = {}
    for one in alarms:
        hosts.setdefault(one.subject.name, []).append(one)
    told = [_did(host, steps) for host, steps in list(hosts.items())[:MOST_HOSTS]]
    sentence = "; then ".join(told)
    if len(hosts) > MOST_HOSTS:
        sentence += f"; then {len(hosts) - MOST_HOSTS} more hosts"
    lasted = max(one.end_ns for one in alarms) - min(one.start_ns for one in alarms)
    return f"{sentence} (in {duration_text(max(lasted, 1))})"


def _did(host: str, steps: Sequence[Finding]) -> str:
    """Return what a host did, each kind once, where it began."""
    kinds: dict[tuple[Kind, bool], list[Finding]] = {}
    for one in steps:
        kinds.setdefault((one.kind, one.facts.get("role") == "victim"), []).append(one)
    phrases = [_phrase(kind, together, is_victim=bore) for (kind, bore), together in kinds.items()]
    if len(phrases) > MOST_STEPS:
        phrases = [*phrases[: MOST_STEPS - 1], f"{len(phrases) - MOST_STEPS + 1} more things"]
    return f"{host} {_joined(phrases)}"


def _phrase(kind: Kind, steps: Sequence[Finding], *, is_victim: bool) -> str:
    did, to = DID.get(kind, (str(kind).replace("_", " "), ""))
    if is_victim:
        return did.replace("flooded", "was flooded")
    targets = [target.ip or target.hostname or target.mac for one in steps for target in one.targets]
    names = [name for name in dict.fromkeys(targets) if name]
    if not to or not names:
        return did
    # A scan counts ports, all others count hosts.
    most = 0 if kind is Kind.PORT_SCAN else max(one.target_count for one in steps)
    more = max(most, len(names)) - 1
    return f"{did} {to} {names[0]}" + (f" and {more} more" if more else "")


def _joined(phrases: Sequence[str]) -> str:
    if len(phrases) == 1:
        return phrases[0]
    return f"{', '.join(phrases[:-1])} and {phrases[-1]}"
