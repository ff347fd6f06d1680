"""Tunnels through name servers: names that are never asked for twice and carry somebody's data."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.carried import Look, Reading, why_carried
from oddwire.features.name_series import NAMES_NEED, Series, SeriesMemory, asked_names
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import bytes_text, count_text, duration_text, one_line

__all__ = ["DnsTunnel"]

SECOND = 1_000_000_000
TCP = 6
MOST_DOMAIN = 80


@dataclass(frozen=True, kw_only=True)
class DnsTunnelParameters(Parameters):
    """How often to look, and to tell."""

    every: int = parameter(8, "new names below a domain after which it is looked at again", "names")
    tell_s: int = parameter(60, "seconds after which a tunnel that goes on is told again", "s")


class DnsTunnel(Detector):
    """Looks for a stream in names: ever new ones below one domain, with data in them or in their answers."""

    name = "dns_tunnel"
    kind = Kind.DNS_TUNNEL
    scope = Scope.PAIR
    needs = NAMES_NEED
    attack = ("T1071.004", "T1572", "T1048.003")
    parameters = DnsTunnelParameters
    page = Page(
        sees=(
            "One client asks for ever new names below one domain and hardly ever for one again, and either "
            "the records are of kinds that no program wants, or every answer brings other data, or the names "
            "themselves carry many bytes and have all the same answer or none."
        ),
        matters="Name servers pass on what everybody asks, so data get through where nothing else may.",
        wrong_when=(
            "Look-ups of reputation by hash, and services that make a name for each visit, look much alike; "
            "those of one fixed form or answered with loopback addresses are left out, others may not be."
        ),
        example=(
            "10.0.0.5 asked 203.0.113.9 for 3,120 new names below t.example.com in 4 min, and each was "
            "answered with other data"
        ),
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.memory = SeriesMemory()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add the names of each tick, and judge the series that grew."""
        tick, grown = None, dict[str, Series]()
        for asked in asked_names(window):
            if tick not in {None, asked.tick}:
                yield from self._judged(grown, tick)
                grown = {}
            tick = asked.tick
            key, series = self.memory.add(asked)
            if series is not None and series.fresh >= series.due:
                grown[key] = series
        yield from self._judged(grown, tick)

    def _judged(self, grown: dict[str, Series], tick: int | None) -> Iterator[Evidence]:
        for key, series in grown.items():
            assert tick is not None  # noqa: S101  # where something grew there was a tick
            series.due = series.fresh + self.settings.every
            zone = key.split("|", 1)[1]
            look = Look(series)
            found = why_carried(zone, look)
            if found is None or not self._is_news(series) or self.memory.relays(key, series):
                continue
            if found.may_be_common and self.memory.is_common(key, series):
                continue
            if not series.told:
                series.began_ns = min(memo[0] for memo in series.memos)
                if look.count == series.fresh:
                    series.began_ns = min(series.began_ns, series.start_ns)
            series.told, series.told_ns = series.fresh, series.end_ns
            yield self._evidence(key, look, found, tick)

    def _is_news(self, series: Series) -> bool:
        is_late = series.end_ns - series.told_ns >= self.settings.tell_s * SECOND
        return not series.told or is_late or series.fresh >= 2 * series.told

    def _evidence(self, key: str, look: Look, found: Reading, tick: int) -> Evidence:
        series = look.series
        client, zone = key.split("|", 1)
        places = [place.split("|") for place in sorted(series.servers, key=lambda one: -series.servers[one])]
        server, domain = places[0][0], _domain(zone, look)
        below = f"below {domain}" if domain else "of no domain"
        names = count_text(series.fresh, "new name")
        span = duration_text(max(series.end_ns - series.began_ns, 1))
        return Evidence(
            kind=Kind.DNS_TUNNEL,
            subject=Party(ip=client),
            part=zone,
            title=f"{client} asked {server} for {names} {below} in {span}, {found.why}",
            score=min(0.6 + 0.1 * found.is_sure + 0.005 * min(series.fresh, 50), 0.97),
            severity=None if found.is_sure else Severity.MEDIUM,
            start_ns=series.began_ns,
            end_ns=series.end_ns,
            at_ns=tick + TICK_NS,
            targets=tuple(
                Target(ip=ip, port=int(port), proto="tcp" if int(protocol) == TCP else "udp")
                for ip, port, protocol in places
            ),
            target_count=len(places),
            facts={
                "domain": domain,
                "names": series.fresh,
                "new_names": round(series.novelty, 4),
                "bits_a_name": round(look.bits),
                "bytes_out": series.bytes_out,
                "bytes_in": series.bytes_in,
                "told": bytes_text(series.bytes_out + series.bytes_in),
                "why": found.why,
            },
            reasons=(
                Reason(feature="new_names", value=float(series.fresh), typical=(0.0, 7.0), weight=0.5),
                Reason(feature="bits_a_name", value=round(look.bits, 1), typical=(0.0, 28.0), weight=0.3),
                Reason(feature="never_again", value=round(series.novelty, 4), typical=(0.0, 0.6), weight=0.2),
            ),
            selectors=tuple(
                Selector(
                    a=client,
                    b=ip,
                    from_ns=series.began_ns,
                    until_ns=series.end_ns,
                    protocol=int(protocol),
                    port=int(port),
                )
                for ip, port, protocol in places
            ),
        )

    def save(self) -> State:
        """Return the series remembered."""
        return {"series": self.memory.save()}

    def load(self, state: State) -> None:
        """Remember these series."""
        self.memory.load(state["series"])

    def merge(self, other: State) -> None:
        """Remember these series too."""
        self.memory.merge(other["series"])


def _domain(zone: str, look: Look) -> str:
    """Return the domain below which names change, as far as all have it in common."""
    tails = [memo[1].split(".") for memo in look.memos]
    common: list[str] = []
    while all(tails) and len({tail[-1] for tail in tails}) == 1:
        common.append(tails[0][-1])
        tails = [tail[:-1] for tail in tails]
    words = [*reversed(common), *([] if zone.startswith("@") else [zone])]
    return one_line(".".join(words))[-MOST_DOMAIN:]
