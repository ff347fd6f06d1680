"""Beacons: a host that reports to somebody outside at a beat, with nothing to say."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.answered import ANSWERED_NEED, Answered
from oddwire.features.beats import FEW, HALF, Beat, beat_of
from oddwire.features.contacts import CONTACTS_NEED, Contacts
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import bytes_text, count_text, duration_text

__all__ = ["Beacon"]

SECOND = 1_000_000_000
PROTOCOLS = {"tcp": 6, "udp": 17, "http": 6}
MOST_HOSTS = 5_000
MOST_DOORS = 8
# Slower beats need fewer contacts to be told from haste; without answers it takes minutes.
SLOW_S, SILENT_S = 20, 120
# So many destinations that are told the same are one app's, or a monitor's.
ALIKE_DOORS = 5
# What says and hears so little over TCP asks whether somebody is there: it cannot say who asks.
LIVENESS_BYTES = 8
# Signs that make up for few contacts, and the share of equal sizes that makes up for few signs.
SEVERAL, ALIKE = 2, 0.85


@dataclass(frozen=True, kw_only=True)
class BeaconParameters(Parameters):
    """When contacts at a beat are a beacon."""

    contacts: int = parameter(10, "contacts, where more than one sign speaks for a beacon", "contacts")
    fast_contacts: int = parameter(16, "the same, where the beat is shorter than 20 s", "contacts")
    plain_contacts: int = parameter(20, "contacts, where only one sign does", "contacts")
    kept_contacts: int = parameter(40, "exchanges inside one connection, or over UDP", "exchanges")
    kept_s: int = parameter(1_800, "how long those go on at least", "s")
    evidence: float = parameter(12.0, "how much likelier a beat is than chance, as a power of e", "nats")
    backed_evidence: float = parameter(10.0, "the same, where more than one sign speaks for it", "nats")
    same: float = parameter(0.75, "least share of contacts of nearly one size, both ways", "share")
    out_bytes: int = parameter(8_192, "most that a check-in says", "bytes")
    back_bytes: int = parameter(32_768, "most that it is answered", "bytes")
    hosts: int = parameter(
        4, "inside hosts that contact one destination, from which on it is common", "hosts"
    )
    doors: int = parameter(3, "destinations of one beat, from which on the host is a monitor", "destinations")


class Beacon(Detector):
    """Looks for a beat in the contacts of each host with each service outside, and for what no app does."""

    name = "beacon"
    kind = Kind.BEACON
    scope = Scope.PAIR
    needs = CONTACTS_NEED | ANSWERED_NEED
    attack = ("T1071", "T1071.001", "T1573")
    parameters = BeaconParameters
    page = Page(
        sees=(
            "A host that turns to one service of another network again and again at a beat, skewed or not, "
            "with contacts of nearly one size both ways, and at least one sign that it is no ordinary app: "
            "a destination without a name, a protocol on an unusual port or unknown, a certificate signed "
            "by itself, a full handshake every few seconds, requests that tell something without coming "
            "from a page. By name and to a usual port neither handshakes nor questions count at a beat as "
            "exact as a timer's. A beat with nothing else against it is context."
        ),
        matters="Malware asks its master for orders at a beat; the orders come later.",
        wrong_when=(
            "A script or device that reports each few seconds in a new connection looks the same. A beacon "
            "by name to a usual port, slower than two minutes or by TLS without any skew, is context only; "
            "beats of DNS and ping are not looked at, nor is what is said over UDP from one socket. In one "
            "connection and over UDP it takes half an hour, and beats of ten seconds or more."
        ),
        example="10.0.0.7 contacted 203.0.113.9:8443 60 times, about each 30 s, with nothing to say",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.contacts = Contacts()
        self.named = Answered()
        # source|port -> destination -> the length of its beat
        self.doors: dict[str, dict[str, float]] = {}

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Take the contacts of each tick, and judge the series that have enough new ones."""
        self.named.see(window)
        found = []
        for tick, pair, series in self.contacts.due(window):
            sources = self.contacts.sources_of(pair, tick)
            alike = self.contacts.alike(pair, tick)
            is_inner = window.hosts.is_local(pair.dst)
            is_lab = self.contacts.outside_ns > tick
            if beat := beat_of(
                pair, series, tick, sources=sources, alike=alike, is_inner=is_inner, is_lab=is_lab
            ):
                found.append(beat)
        for beat in sorted(
            found, key=lambda one: (one.tick, one.src, one.dst, one.port, one.way, one.series)
        ):
            doors = self._doors(beat)
            is_blind = beat.tick in window.quality.one_sided
            if evidence := self._judged(beat, doors, is_blind=is_blind):
                yield evidence

    def _doors(self, beat: Beat) -> int:
        """Return with how many destinations the host keeps this beat at this port."""
        known = self.doors.setdefault(f"{beat.src}|{beat.port}", {})
        if beat.dst in known or len(known) < MOST_DOORS:
            known[beat.dst] = beat.rhythm.beat_s
        if len(self.doors) > MOST_HOSTS:
            del self.doors[next(iter(self.doors))]
        return sum(0.7 <= length / beat.rhythm.beat_s <= 1.4 for length in known.values())  # noqa: PLR2004  # alike

    def _judged(self, beat: Beat, doors: int, *, is_blind: bool) -> Evidence | None:
        # Where answers are not seen, those of name servers are not, either.
        asks = not is_blind and self.named.asks(beat.src, beat.tick)
        signs = beat.signs(is_named=self.named.is_named(beat.dst, beat.tick), asks=asks)
        points = sum(signs.values())
        least = self.settings.evidence if points < SEVERAL else self.settings.backed_evidence
        if beat.rhythm.evidence < least:
            return None
        # Whoever says its hello by TLS and goes on was answered, whether that was seen or not.
        is_told = not is_blind or (points >= SEVERAL and "no name in the handshake" in signs)
        is_odd = is_told and doors < self.settings.doors and self._is_odd(beat)
        severity = self._severity(beat, points) if is_odd else Severity.LOW
        return _evidence(beat, tuple(signs), severity)

    def _is_odd(self, beat: Beat) -> bool:
        """Say whether check-ins are small and alike, and nothing speaks for an ordinary service."""
        return (
            beat.out <= self.settings.out_bytes
            and beat.back <= self.settings.back_bytes
            and beat.same >= self.settings.same
            and beat.sources < self.settings.hosts
            and beat.alike < ALIKE_DOORS
            and not _is_liveness(beat)
            and beat.share("nothing", "request") < HALF
            and beat.share("referrer", "request") <= FEW
        )

    def _severity(self, beat: Beat, points: int) -> Severity:
        """Weigh how many contacts there are against how much speaks for a beacon."""
        if beat.series == "kept" or beat.way != "tcp":
            return self._of_kept(beat, points)
        wanted, evidence = self.settings, beat.rhythm.evidence
        # Our own networks are full of devices that ask each other, by address.
        several = SEVERAL if beat.is_lab or not beat.is_inner else SEVERAL + 1
        least = wanted.contacts if beat.rhythm.beat_s >= SLOW_S else wanted.fast_contacts
        if not beat.heard:
            is_long = beat.contacts >= wanted.plain_contacts and beat.span_s >= SILENT_S
            return Severity.MEDIUM if is_long and points >= several else Severity.LOW
        if points > several and beat.contacts >= 3 * wanted.contacts and evidence >= 3 * wanted.evidence:
            return Severity.HIGH
        if points >= several and beat.contacts >= least:
            return Severity.MEDIUM
        is_plain = beat.contacts >= wanted.plain_contacts and evidence >= 1.25 * wanted.evidence
        is_enough = points and is_plain and beat.same >= ALIKE and not beat.is_inner
        return Severity.MEDIUM if is_enough else Severity.LOW

    def _of_kept(self, beat: Beat, points: int) -> Severity:
        """Weigh what many apps do: exchanges in one connection, requests over a proxy, and datagrams."""
        wanted = self.settings
        is_long = beat.contacts >= wanted.kept_contacts and beat.span_s >= wanted.kept_s
        is_strong = beat.rhythm.evidence >= 2.5 * wanted.evidence and beat.same >= ALIKE
        # A proxy hides most of the signs.
        least = 1 if beat.way == "http" and beat.marks.get("proxied", 0) else SEVERAL + 1
        return Severity.MEDIUM if is_long and is_strong and points >= least else Severity.LOW

    def save(self) -> State:
        """Return the contacts and names remembered."""
        return {
            "contacts": self.contacts.save(),
            "named": self.named.save(),
            "doors": {key: dict(known) for key, known in self.doors.items()},
        }

    def load(self, state: State) -> None:
        """Remember these."""
        self.contacts.load(state["contacts"])
        self.named.load(state["named"])
        self.doors = {key: dict(known) for key, known in state["doors"].items()}

    def merge(self, other: State) -> None:
        """Remember these too."""
        self.contacts.merge(other["contacts"])
        self.named.merge(other["named"])
        for key, known in other["doors"].items():
            mine = self.doors.setdefault(key, {})
            mine.update((dst, beat) for dst, beat in sorted(known.items()) if len(mine) < MOST_DOORS)


def _is_liveness(beat: Beat) -> bool:
    """Say whether contacts only ask whether somebody is there, and hear that."""
    is_short = 0 < beat.out <= LIVENESS_BYTES and 0 < beat.back <= LIVENESS_BYTES
    return beat.way == "tcp" and beat.series == "fresh" and is_short


def _evidence(beat: Beat, signs: tuple[str, ...], severity: Severity) -> Evidence:
    rhythm = beat.rhythm
    many = count_text(beat.contacts, "time")
    each = duration_text(round(rhythm.beat_s * SECOND))
    how = " inside one connection" if beat.series == "kept" else ""
    sizes = f"{bytes_text(beat.out)} out and {bytes_text(beat.back)} back"
    answer = sizes if beat.heard else "without an answer"
    span = duration_text(max(beat.end_ns - beat.start_ns, 1))
    sure = min(0.5 + rhythm.evidence / 200 + 0.08 * len(signs), 0.97)
    return Evidence(
        kind=Kind.BEACON,
        subject=Party(ip=beat.src),
        part=f"{beat.dst}|{beat.port}|{beat.way}|{beat.series}",
        title=(
            f"{beat.src} contacted {beat.dst}:{beat.port} {many} in {span}, about each {each}{how}, {answer}"
        ),
        score=sure * (1.0 if severity > Severity.LOW else 0.5),
        severity=severity,
        start_ns=beat.start_ns,
        end_ns=beat.end_ns,
        at_ns=beat.tick + TICK_NS,
        targets=(_target(beat),),
        target_count=1,
        facts={
            "contacts": beat.contacts,
            "beat_s": round(rhythm.beat_s, 3),
            "spread": rhythm.spread,
            "skipped": rhythm.skipped,
            "same_size": round(beat.same, 3),
            "out_bytes": beat.out,
            "back_bytes": beat.back,
            "signs": list(signs),
        },
        reasons=(
            Reason(
                feature="beat_evidence", value=round(rhythm.evidence, 1), typical=(-20.0, 5.0), weight=0.5
            ),
            Reason(feature="equal_sizes", value=round(beat.same, 4), typical=(0.0, 0.6), weight=0.3),
            Reason(feature="signs", value=float(len(signs)), typical=(0.0, 0.0), weight=0.2),
        ),
        selectors=(
            Selector(
                a=beat.src,
                b=beat.via,
                from_ns=beat.start_ns,
                until_ns=beat.end_ns,
                protocol=PROTOCOLS[beat.way],
                port=beat.port,
            ),
        ),
    )


def _target(beat: Beat) -> Target:
    """Return the other end; of a host that is only known by name, with the proxy before it."""
    proto = "udp" if beat.way == "udp" else "tcp"
    hostname = beat.dst if beat.dst != beat.via else None
    return Target(ip=beat.via, port=beat.port, proto=proto, hostname=hostname)
