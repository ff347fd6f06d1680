"""Data that leave: an inside host sends much more than it receives to where it never sent anything."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.named import NAMED_NEED, Named
from oddwire.features.uploads import UPLOAD_NEED, Past, Step, Upload, Uploads
from oddwire.records.evidence import MOST_TARGETS, Evidence, Party, Reason, Selector, Target
from oddwire.records.kinds import Cadence, Kind, Scope, Severity
from oddwire.records.units import bytes_text, duration_text

__all__ = ["Exfiltration"]

SECOND, MINUTE = 1_000_000_000, 60_000_000_000
TCP, UDP = 6, 17
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6"}
# Services that carry files in the clear, and ports on which a connection is what it seems.
CLEAR = frozenset({"ftp", "http", "telnet", "smb"})
USUAL_PORTS = frozenset({22, 80, 443, 465, 587, 853, 993, 995, 5223, 5228, 8080, 8443})
# Mail, calls, tunnels and clocks go out by trade.
BY_TRADE = frozenset({"smtp", "ntp", "dns", "mdns", "snmp", "dhcp", "socks"})
BY_TRADE_PORTS = frozenset({25, 465, 587, 500, 4500, 1194, 51820, 5060, 5061, 6881, *range(3478, 3482)})

# What a server sends to say who it is, at most.
CERTIFICATES = 5_000


@dataclass(frozen=True, kw_only=True)
class ExfiltrationParameters(Parameters):
    """When data that leave are too much."""

    least_bytes: int = parameter(1_048_576, "bytes sent to one host from which on it is looked at", "bytes")
    large_bytes: int = parameter(4_194_304, "bytes that are many whatever else is known", "bytes")
    slow_bytes: int = parameter(262_144, "the same, where it is sent in small parts over long", "bytes")
    slow_minutes: int = parameter(15, "minutes in which something was sent, for that", "min")
    ratio: float = parameter(6.0, "how many times as much is sent as received", "times")
    fresh_s: int = parameter(120, "for how long a host is watched before a peer counts as new", "s")
    met: int = parameter(3, "other outside hosts that it dealt with before, for that", "hosts")
    watched_s: int = parameter(1_800, "for how long it is watched until that is not needed", "s")
    times: float = parameter(20.0, "how many times as much as the host sent to all others", "times")
    peers: int = parameter(20, "outside hosts without a name that make a host one of many peers", "hosts")
    medium: float = parameter(2.5, "weight of the signs from which on somebody should look", "")
    high: float = parameter(4.0, "weight of the signs from which on it is grave", "")


class Exfiltration(Detector):
    """Weighs what is odd about an upload: where to, by which protocol, and against the host's own past."""

    name = "exfiltration"
    kind = Kind.EXFILTRATION
    cadence = Cadence.WINDOW
    scope = Scope.HOST
    needs = UPLOAD_NEED | NAMED_NEED
    attack = ("T1041", "T1048", "T1567")
    parameters = ExfiltrationParameters
    page = Page(
        sees=(
            "An inside host sends 1 MiB or more to an outside one, six times what it receives, and several "
            "things about it are odd: the peer is new to a host that was watched for a while, has no name, "
            "speaks no known protocol or one without encryption, or gets many times what all others got; or "
            "it is sent in small parts for long."
        ),
        matters="What was copied out cannot be called back: stop it, and find out what it was.",
        wrong_when=(
            "A first backup to a bare address, or a tool of one's own that sends files, looks the same. "
            "Uploads to named hosts by TLS, such as cloud storage, are told as low at most."
        ),
        example=(
            "10.0.0.8 sent 48.0 MiB to 203.0.113.9 port 8089 (tcp) in 3 min: a new peer, without a name, "
            "by no known protocol"
        ),
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.uploads = Uploads()
        self.named = Named()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add what was sent minute by minute, and weigh what is much."""
        self.named.add(window)
        for step, upload, past in self.uploads.steps(window):
            if self._is_much(upload) and (signs := self._signs(step, upload, past)):
                upload.told = upload.up
                yield self._evidence(step, upload, signs, [step.peer])
            else:
                yield from self._split(step, upload, past)

    def _is_much(self, one: Upload) -> bool:
        wanted = self.settings
        is_slow = one.up >= wanted.slow_bytes and one.minutes >= wanted.slow_minutes
        # Of small parts by TLS, most of what comes back are certificates.
        greetings = CERTIFICATES * one.begun if is_slow and one.service == "tls" else 0
        if one.up < wanted.ratio * max(one.down - greetings, 0) or one.up < 2 * max(one.told, one.down):
            return False
        return bool(one.up >= wanted.least_bytes or is_slow)

    def _signs(self, step: Step, one: Upload, past: Past) -> dict[str, float]:
        """Return what is odd about an upload, each with its weight; nothing where it is by trade."""
        if one.service in BY_TRADE or one.port in BY_TRADE_PORTS or self._is_one_of_many(past):
            return {}
        wanted = self.settings
        is_one_way = one.up >= 3 * wanted.ratio * one.down
        if one.protocol == UDP and one.service is None and not is_one_way:
            # Calls and shared screens answer now and then; whoever sends a file by datagrams hardly listens.
            return {}
        others = past.up - one.up
        is_large = one.up >= wanted.large_bytes
        is_slow = one.minutes >= wanted.slow_minutes and one.up < wanted.least_bytes * one.minutes / 4
        found = {
            "a new peer": 1.0 if self._is_new(one, past) else 0.0,
            "without a name": 1.0 if self._is_nameless(step) else 0.0,
            "by no known protocol": 1.0 if one.service is None else 0.0,
            "without encryption": 0.5 if one.service in CLEAR else 0.0,
            "on an odd port": 0.5 if one.port not in USUAL_PORTS else 0.0,
            "hardly an answer": 0.5 if is_one_way else 0.0,
            "more than all else that it sent": 1.0 if is_large and one.up >= wanted.times * others else 0.0,
            "in small parts for long": 1.0 if is_slow else 0.0,
        }
        # A host of which nothing else is known has no past to compare with.
        if not found["a new peer"]:
            found["more than all else that it sent"] = 0.0
        return {sign: weight for sign, weight in found.items() if weight}

    def _is_new(self, one: Upload, past: Past) -> bool:
        wanted = self.settings
        watched = one.first - past.since
        if watched >= wanted.watched_s * SECOND:
            return True
        earlier = sum(other.first < one.first for other in past.peers.values())
        return bool(watched >= wanted.fresh_s * SECOND and earlier >= wanted.met)

    def _is_nameless(self, step: Step) -> bool:
        tick = (step.minute + 1) * MINUTE
        return self.named.looks_up(step.host, tick) and not self.named.is_named(step.peer, tick)

    def _is_one_of_many(self, past: Past) -> bool:
        """Say whether a host deals with so many by no known protocol that it shares files with its peers."""
        unknown = sum(one.service is None for one in past.peers.values())
        return bool(unknown >= self.settings.peers)

    def _split(self, step: Step, one: Upload, past: Past) -> Iterator[Evidence]:
        """Tell of a host that sends to several new nameless peers what would be much for one."""
        wanted = self.settings
        if not self._is_nameless(step) or not self._is_new(one, past) or self._is_one_of_many(past):
            return
        parts = {
            peer: other
            for peer, other in past.peers.items()
            if other.up >= wanted.ratio * other.down
            and other.service not in BY_TRADE
            and self._is_new(other, past)
            and not self.named.is_named(peer, (step.minute + 1) * MINUTE)
        }
        sent = sum(other.up for other in parts.values())
        if len(parts) < wanted.met or sent < 2 * max(wanted.least_bytes, sum(o.told for o in parts.values())):
            return
        for other in parts.values():
            other.told = other.up
        whole = Upload(
            first=min(other.first for other in parts.values()),
            last=max(other.last for other in parts.values()),
            port=one.port,
            protocol=one.protocol,
            service=one.service,
            up=sent,
            down=sum(other.down for other in parts.values()),
        )
        signs = {"several new peers": 1.5, "without a name": 1.0}
        signs |= {"by no known protocol": 1.0} if one.service is None else {"hardly an answer": 0.5}
        yield self._evidence(step, whole, signs, sorted(parts))

    def _evidence(self, step: Step, one: Upload, signs: dict[str, float], peers: list[str]) -> Evidence:
        wanted = self.settings
        weight = sum(signs.values())
        to = peers[0] if len(peers) == 1 else f"{len(peers)} hosts"
        spoken = one.service or PROTOCOLS.get(one.protocol, f"IP protocol {one.protocol}")
        port = f" port {one.port}" if one.protocol in {TCP, UDP} else ""
        severity = Severity.LOW if weight < wanted.medium else Severity.MEDIUM
        past = max(one.up / wanted.ratio, 1.0)
        return Evidence(
            kind=Kind.EXFILTRATION,
            subject=Party(ip=step.host),
            part=peers[0] if len(peers) == 1 else "several",
            title=(
                f"{step.host} sent {bytes_text(one.up)} to {to}{port} ({spoken}) in "
                f"{duration_text(max(one.last - one.first, 1))}: {', '.join(signs)}"
            ),
            score=min(0.3 + 0.1 * weight, 0.95),
            severity=Severity.HIGH if weight >= wanted.high else severity,
            start_ns=one.first,
            end_ns=one.last,
            at_ns=(step.minute + 1) * MINUTE,
            targets=tuple(
                Target(ip=peer, port=one.port if port else None, proto=PROTOCOLS.get(one.protocol))
                for peer in peers[:MOST_TARGETS]
            ),
            target_count=len(peers),
            facts={
                "bytes_sent": one.up,
                "bytes_received": one.down,
                "service": one.service,
                "signs": list(signs),
                "peers": len(peers),
            },
            reasons=(
                Reason(feature="bytes_sent", value=float(one.up), typical=(0.0, past), weight=0.5),
                Reason(
                    feature="odd_signs", value=weight, typical=(0.0, float(wanted.medium) / 2), weight=0.5
                ),
            ),
            selectors=tuple(
                Selector(a=step.host, b=peer, from_ns=one.first, until_ns=one.last, protocol=one.protocol)
                for peer in peers
            ),
        )

    def save(self) -> State:
        """Return the uploads and names remembered."""
        return {"uploads": self.uploads.save(), "named": self.named.save()}

    def load(self, state: State) -> None:
        """Remember these."""
        self.uploads.load(state["uploads"])
        self.named.load(state["named"])

    def merge(self, other: State) -> None:
        """Remember these too."""
        self.uploads.merge(other["uploads"])
        self.named.merge(other["named"])
