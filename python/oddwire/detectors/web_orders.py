"""Orders over the web: posts by a list of addresses or in vain, one question for many, homemade servers."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.asked_outside import ASKED_OUTSIDE_NEED, Asked, asked_outside, greeted_outside
from oddwire.records.evidence import MOST_TARGETS, Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

__all__ = ["WebOrders"]

SECOND = 1_000_000_000
TCP = 6
MOST_HOSTS, MOST_KEYS, MOST_KEPT = 2_000, 64, 48
PATTERNS = {
    "address": "bare addresses",
    "vain": "in vain",
    "same": "alike",
    "hidden": "self-made certificates",
}
# What a request is remembered by: time, address, port, host, first part of its path, bytes, whether in vain,
# whether the program says what it is.
Kept = tuple[int, str, int, str, str, int, bool, bool]


@dataclass(frozen=True, kw_only=True)
class WebOrdersParameters(Parameters):
    """When requests that no page leads to are somebody's orders."""

    span_s: int = parameter(7_200, "for how long requests are remembered", "s")
    posts: int = parameter(4, "posts to bare addresses", "requests")
    pages: int = parameter(4, "different pages among them at one address", "pages")
    addresses: int = parameter(3, "bare addresses that are posted to in turn", "hosts")
    servers: int = parameter(3, "bare addresses with certificates of their own making", "hosts")
    most_servers: int = parameter(12, "from more of them on it is a network of equals", "hosts")
    in_vain: int = parameter(6, "posts to one host that never had an answer but `not found`", "requests")
    in_vain_s: int = parameter(60, "over how long, at least", "s")
    domains: int = parameter(6, "unrelated domains that are asked the very same", "domains")


class WebOrders(Detector):
    """Keeps the requests of inside hosts to outside that no page led to, and looks for four patterns."""

    name = "web_orders"
    kind = Kind.C2
    scope = Scope.HOST
    needs = ASKED_OUTSIDE_NEED
    attack = ("T1071.001", "T1008")
    parameters = WebOrdersParameters
    page = Page(
        sees=(
            "An inside host posts by HTTP to bare outside addresses: to several in turn, to ever new pages "
            "of one, or without saying what program it is; or posts again and again to a page that is "
            "never there; or asks six unrelated domains the very same, by path and parameters; or speaks "
            "TLS with three bare addresses that show certificates of their own making."
        ),
        matters=(
            "Programs that take orders carry a list of addresses, try one after the other, and hide answers "
            "behind errors; people and honest programs do none of this."
        ),
        wrong_when=(
            "A program whose service was switched off may post in vain for long; a tool that checks many "
            "sites for one thing asks them all the same."
        ),
        example="10.0.0.23 posted 12 times to 2 bare addresses, to 11 different pages, in 31 min",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        # By inside host and pattern: the requests, the latest last.
        self.kept: dict[str, dict[str, list[Kept]]] = {}
        # How much of each was told, so that it is told again only when it has doubled.
        self.told: dict[str, int] = {}

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Remember the requests of each tick, and judge those that a request adds to."""
        for one in chain(asked_outside(window), greeted_outside(window)):
            for key in _keys(one):
                kept = self._add(one, key)
                if (why := self._why(key, kept)) and self._is_more(one.client, key, kept):
                    yield _evidence(one, key, kept, why)

    def _add(self, one: Asked, key: str) -> list[Kept]:
        """Remember a request; return those of its pattern that are not too old."""
        keys = self.kept.pop(one.client, {})
        if len(self.kept) >= MOST_HOSTS:
            del self.kept[next(iter(self.kept))]
        self.kept[one.client] = keys
        since = one.time - self.settings.span_s * SECOND
        kept = [row for row in keys.pop(key, []) if row[0] >= since]
        if len(keys) >= MOST_KEYS:
            del keys[next(iter(keys))]
        page = one.path.strip("/").partition("/")[0]
        row = (one.time, one.server, one.port, one.host, page, one.size, one.is_missing, one.has_agent)
        keys[key] = kept = [*kept, row][-MOST_KEPT:]
        return kept

    def _why(self, key: str, kept: list[Kept]) -> str:
        """Say which pattern it is, if it is one."""
        wanted = self.settings
        pattern = key.partition("|")[0]
        if pattern == "address" and self._is_by_list(kept):
            pages = len({(row[1], row[4]) for row in kept})
            where = count_text(len({row[1] for row in kept}), "bare address", "bare addresses")
            return f"posted {len(kept)} times to {where}, to {count_text(pages, 'different page')}"
        if pattern == "hidden" and self._is_homemade(kept):
            many = len({row[1] for row in kept})
            return f"spoke TLS {len(kept)} times with {many} bare addresses that nobody vouches for"
        if pattern == "vain" and self._is_in_vain(kept):
            return f"posted {len(kept)} times to a page of {kept[-1][3]} that is never there"
        if pattern == "same":
            domains = {row[3] for row in kept}
            if len(domains) >= wanted.domains:
                return f"asked {len(domains)} unrelated domains the very same"
        return ""

    def _is_by_list(self, kept: list[Kept]) -> bool:
        """Say whether posts to bare addresses go from one to the next, to ever new pages, or namelessly."""
        wanted = self.settings
        addresses = {row[1] for row in kept}
        if len(addresses) >= wanted.addresses:
            return True
        pages = max(len({row[4] for row in kept if row[1] == one}) for one in addresses)
        is_nameless = not any(row[7] for row in kept)
        return len(kept) >= wanted.posts and (pages >= wanted.pages or is_nameless)

    def _is_homemade(self, kept: list[Kept]) -> bool:
        """Say whether servers without a name make their own certificates: several, or two the very same."""
        wanted = self.settings
        addresses, subjects = {row[1] for row in kept}, {row[3] for row in kept}
        are_twins = len(addresses) > 1 and len(subjects) == 1 and len(kept) >= wanted.posts
        return bool(are_twins or wanted.servers <= len(addresses) <= wanted.most_servers)

    def _is_in_vain(self, kept: list[Kept]) -> bool:
        """Say whether nothing but `not found` ever came back, and it goes on all the same."""
        wanted = self.settings
        lasts = kept[-1][0] - kept[0][0] >= wanted.in_vain_s * SECOND
        is_sent = any(row[5] for row in kept)
        return len(kept) >= wanted.in_vain and lasts and is_sent and all(row[6] for row in kept)

    def _is_more(self, client: str, key: str, kept: list[Kept]) -> bool:
        """Say whether there is twice as much as was told, or whether it begins anew."""
        name = f"{client}|{key}"
        before = self.told.pop(name, 0)
        is_more = before == 0 or len(kept) >= 2 * before
        if len(self.told) >= MOST_HOSTS:
            del self.told[next(iter(self.told))]
        self.told[name] = len(kept) if is_more else before
        return is_more

    def save(self) -> State:
        """Return the requests remembered."""
        kept = {
            client: {key: [list(row) for row in rows] for key, rows in keys.items()}
            for client, keys in self.kept.items()
        }
        return {"kept": kept, "told": dict(self.told)}

    def load(self, state: State) -> None:
        """Remember these."""
        self.kept = {
            client: {key: [_row(row) for row in rows] for key, rows in keys.items()}
            for client, keys in state["kept"].items()
        }
        self.told = dict(state["told"])

    def merge(self, other: State) -> None:
        """Remember these too."""
        for client, keys in other["kept"].items():
            mine = self.kept.setdefault(client, {})
            for key, rows in keys.items():
                both = sorted([*mine.get(key, []), *map(_row, rows)])
                mine[key] = both[-MOST_KEPT:]
        for name, count in other["told"].items():
            self.told[name] = max(count, self.told.get(name, 0))


def _keys(one: Asked) -> Iterator[str]:
    """Yield the patterns that a request may belong to."""
    if not one.path:
        yield "hidden"
        return
    if one.is_post and one.by_address:
        yield "address"
    if one.is_post:
        yield f"vain|{one.host}|{one.path}"
    if one.query and not one.by_address:
        yield f"same|{one.path}|{one.query.partition(',')[0]}"


def _row(saved: list[Any]) -> Kept:
    time, server, port, host, page, size, is_missing, has_agent = saved
    return (time, server, port, host, page, size, is_missing, has_agent)


def _evidence(one: Asked, key: str, kept: list[Kept], why: str) -> Evidence:
    begun, end = kept[0][0], kept[-1][0]
    servers = list(dict.fromkeys((row[1], row[2]) for row in kept))
    pattern = key.partition("|")[0]
    return Evidence(
        kind=Kind.C2,
        subject=Party(ip=one.client),
        part=key,
        title=f"{one.client} {why}, in {duration_text(max(end - begun, 1))}",
        score=min(0.55 + 0.02 * len(kept), 0.9),
        severity=Severity.MEDIUM,
        start_ns=begun,
        end_ns=end,
        at_ns=one.tick + TICK_NS,
        targets=tuple(Target(ip=ip, port=port, proto="tcp") for ip, port in servers[:MOST_TARGETS]),
        target_count=len(servers),
        facts={
            "pattern": {
                "address": "bare addresses",
                "vain": "in vain",
                "same": "alike",
                "hidden": "self-made certificates",
            }[pattern],
            "requests": len(kept),
            "servers": len(servers),
            "bytes_posted": sum(row[5] for row in kept),
        },
        reasons=(
            Reason(feature="requests_no_page_led_to", value=float(len(kept)), typical=(0.0, 2.0), weight=1.0),
        ),
        selectors=tuple(
            Selector(a=one.client, b=ip, from_ns=begun, until_ns=end, protocol=TCP, port=port)
            for ip, port in servers
        ),
    )
