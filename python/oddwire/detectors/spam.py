"""Spam: a host that is no mail server sends mail to many of them, or very many mails to one."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.mailings import MAIL, MAIL_NEED, Mailer, Mailings
from oddwire.records.evidence import MOST_TARGETS, Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope
from oddwire.records.units import count_text, duration_text

__all__ = ["Spam"]

SECOND = 1_000_000_000
TCP = 6
AGAIN_NS = 60 * SECOND
TYPICAL_SERVERS, TYPICAL_SIGNS = (0.0, 3.0), (0.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class SpamParameters(Parameters):
    """When mail is spam."""

    servers: int = parameter(10, "outside mail servers called without a pause of ten minutes", "servers")
    surely: int = parameter(5, "the same, where two signs are seen", "servers")
    blocked: int = parameter(20, "the same, where hardly any answers or one direction is seen", "servers")
    span_s: int = parameter(900, "within which they are called", "s")
    mails: int = parameter(100, "mails handed to one server without a pause", "mails")
    domains: int = parameter(5, "domains that senders claim to be of", "domains")
    refused: float = parameter(0.3, "least share of sessions or recipients that are refused", "share")
    silent: float = parameter(0.7, "least share of servers that never answer", "share")


class Spam(Detector):
    """Keeps, for each inside host, the outside mail servers it called and what it said to them."""

    name = "spam"
    kind = Kind.SPAM
    scope = Scope.HOST
    needs = MAIL_NEED
    attack = ("T1566", "T1584.005")
    parameters = SpamParameters
    page = Page(
        sees=(
            "An inside host that nobody hands mail to calls ten or more outside mail servers within 15 "
            "minutes, under names that no mail server has, for senders of many domains, or is often "
            "refused; or twenty of which hardly any answers; or hands one server a hundred mails of many "
            "senders, or for many receivers that do not exist."
        ),
        matters="The host is in somebody else's hands, and soon your addresses are on block lists.",
        wrong_when=(
            "A mail server that only sends, by a name without a domain, looks the same until somebody "
            "hands mail to it; so does one that sends from a capture of one direction."
        ),
        example=(
            "10.0.0.23 called 48 outside mail servers in 4 min though it is none: senders of 31 domains"
        ),
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.mailings = Mailings()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add what was sent in each tick, and judge those who sent."""
        for tick, keys in self.mailings.add(window):
            for key in keys:
                mailer = self.mailings.mailers[key]
                client, _, relay = key.partition("|")
                if mailer.told and mailer.last - mailer.told_ns < AGAIN_NS:
                    continue
                if self.mailings.serves(client, mailer.last):
                    continue
                is_blind = tick in window.quality.one_sided
                signs = self._of_relay(mailer) if relay else self._of_many(mailer, is_blind=is_blind)
                if signs:
                    if not mailer.told:
                        mailer.began = max(mailer.began, mailer.last - self.settings.span_s * SECOND)
                    mailer.told, mailer.told_ns = mailer.told + 1, mailer.last
                    yield _evidence(client, relay, mailer, signs, tick)

    def _of_many(self, mailer: Mailer, *, is_blind: bool) -> list[str]:
        """Return what is odd of mail sent to many servers; nothing if it is in order."""
        wanted, sums = self.settings, mailer.sums
        since = mailer.last - wanted.span_s * SECOND
        servers = sum(time_ns >= since for time_ns, _ in mailer.servers.values())
        if servers < wanted.surely:
            return []
        sessions, mails = sums.get("sessions", 0), sums.get("mails", 0)
        signs = []
        if mails and mailer.has_odd_names:
            signs.append("names that no mail server has")
        if len(mailer.domains) >= wanted.domains:
            signs.append(f"senders of {len(mailer.domains)} domains")
        if sessions and sums["refused_sessions"] >= wanted.refused * sessions:
            signs.append(f"refused in {sums['refused_sessions']} of {count_text(sessions, 'session')}")
        # A sweep goes along a network, and asks nobody for the mail servers of domains.
        is_meant = 2 * mailer.networks >= servers or len(mailer.asked) >= wanted.domains
        if servers >= wanted.blocked and is_meant and not is_blind and mailer.silent >= wanted.silent:
            signs.append("hardly any answered")
        if servers >= wanted.blocked and is_meant and is_blind and not sessions:
            signs.append("only calls are seen")
        enough = wanted.surely if len(signs) > 1 else wanted.servers
        return signs if servers >= enough else []

    def _of_relay(self, mailer: Mailer) -> list[str]:
        """Return what is odd of mail handed to one server; nothing if it is in order."""
        wanted, sums = self.settings, mailer.sums
        mails, refused = sums.get("mails", 0), sums.get("refused", 0)
        tried = refused + sums.get("recipients", 0)
        if max(mails, tried) < wanted.mails:
            return []
        signs = []
        if len(mailer.domains) >= wanted.domains:
            signs.append(f"senders of {len(mailer.domains)} domains")
        elif len(mailer.senders) >= 2 * wanted.domains and refused:
            signs.append(f"{len(mailer.senders)} senders")
        if refused >= wanted.refused * tried:
            signs.append(f"{refused} of {count_text(tried, 'recipient')} refused")
        return signs

    def save(self) -> State:
        """Return who sent what."""
        return {"mailings": self.mailings.save()}

    def load(self, state: State) -> None:
        """Remember this, and nothing else."""
        self.mailings.load(state["mailings"])

    def merge(self, other: State) -> None:
        """Remember this too."""
        self.mailings.merge(other["mailings"])


def _evidence(client: str, relay: str, mailer: Mailer, signs: list[str], tick: int) -> Evidence:
    """Say that a host sends spam."""
    sums = mailer.sums
    servers = [relay] if relay else sorted(mailer.servers)
    span = duration_text(max(mailer.last - mailer.began, 1))
    mails = max(sums.get("mails", 0), 0)
    if relay:
        title = f"{client} handed {count_text(mails, 'mail')} to {relay} in {span}: {', '.join(signs)}"
    else:
        many = count_text(len(servers), "outside mail server")
        title = f"{client} called {many} in {span} though it is none itself: {', '.join(signs)}"
    return Evidence(
        kind=Kind.SPAM,
        subject=Party(ip=client),
        part=relay,
        title=title,
        score=min(0.5 + 0.1 * len(signs) + 0.005 * (len(servers) + mails), 0.97),
        start_ns=mailer.began,
        end_ns=mailer.last,
        at_ns=tick + TICK_NS,
        targets=tuple(Target(ip=name, port=MAIL, proto="tcp") for name in servers[:MOST_TARGETS]),
        target_count=len(servers),
        facts={
            "servers": len(servers),
            "mails": mails,
            "recipients": sums.get("recipients", 0),
            "recipients_refused": sums.get("refused", 0),
            "sessions": sums.get("sessions", 0),
            "sessions_refused": sums.get("refused_sessions", 0),
            "sender_domains": len(mailer.domains),
            "domains_asked_for": len(mailer.asked),
            "names": sorted(mailer.helos)[:MOST_TARGETS],
            "signs": signs,
        },
        reasons=(
            Reason(
                feature="mail_servers_called",
                value=float(len(servers)),
                typical=TYPICAL_SERVERS,
                weight=0.5,
            ),
            Reason(feature="signs_of_spam", value=float(len(signs)), typical=TYPICAL_SIGNS, weight=0.5),
        ),
        selectors=(
            Selector(
                a=client,
                b=relay or None,
                from_ns=mailer.began,
                until_ns=mailer.last,
                protocol=TCP,
                port=None if relay else MAIL,
            ),
        ),
    )
