"""Incidents planted into a simulated office: what attackers and failures do, when, by whom, and how loudly.

They are made without a look at any detector: from what must happen for the deed to be done.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zlib import crc32

from oddwire.errors import UsageError
from oddwire.testing.simulation import broken, calls_home, carry_out, names_abused, spreading, turned
from oddwire.testing.simulation.acts import STRENGTHS, Act, Family, Place
from oddwire.testing.simulation.conversations import NS, joined

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["CLOUDS", "FAMILIES", "KINDS", "STRENGTHS", "Incident", "plant", "play"]

FAMILIES: dict[str, Family] = {
    family.kind: family
    for module in (calls_home, names_abused, carry_out, spreading, turned, broken)
    for family in module.FAMILIES
}
KINDS = tuple(sorted(FAMILIES))

# Clouds that an office uses, where it names none of its own.
CLOUDS = {"storage.googleapis.com": "142.250.74.59", "onedrive.live.com": "13.107.42.13"}

DAY_NS, HOUR_NS = 86_400 * NS, 3_600 * NS
# Between two incidents of one host, so that nobody has to guess to which one an alarm belongs.
QUIET_NS = HOUR_NS
AT_ONCE = 2
TRIES = 60
PERSONAL, AT_WORK = ("workstation", "phone"), 0.6
WORK_HOURS, NIGHT_HOURS = (8.5, 15.5), (22.0, 27.0)
FRIDAY = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """One incident: of which kind, by whom, about whom, and when; `label` is in its conversations."""

    kind: str
    subject: str
    targets: tuple[str, ...]
    start_ns: int
    end_ns: int
    label: str
    strength: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Planted:
    """An incident with its conversations and every host inside that begins one of them."""

    incident: Incident
    plan: "pl.DataFrame"
    hosts: frozenset[str]
    role: str


def plant(
    roles: Mapping[str, str],
    seed: int,
    start_ns: int,
    days: float,
    kinds: Sequence[str] | None = None,
    *,
    per_day: float = 4.0,
    strengths: Sequence[str] = STRENGTHS,
    clouds: Mapping[str, str] | None = None,
    upstream: str | None = None,
) -> "tuple[pl.DataFrame, list[Incident]]":
    """Return conversations of incidents among hosts (address: role), and the incidents in order of time.

    Every kind that the hosts allow comes once before one comes again. No host plays in two at once, and at
    most two run at any time; what finds no such place is left out, so there may be fewer than `per_day`.
    `clouds` are stores outside that the office knows (name: address); with `upstream` the resolver asks there
    for what it does not remember.
    """
    import numpy as np

    place = Place(roles=roles, clouds=clouds or CLOUDS, upstream=upstream)
    dice = np.random.default_rng([seed, 7_001])
    span = (start_ns, start_ns + int(days * DAY_NS))
    planted: list[_Planted] = []
    wanted = max(1, round(per_day * days))
    for number, (family, strength) in enumerate(_drawn(place, dice, wanted, kinds, strengths)):
        own = np.random.default_rng([seed, 7_002, number])
        subject = str(own.choice(_subjects(place, family)))
        act = Act(place=place, subject=subject, strength=strength, dice=own)
        made = _played(act, family, f"{family.kind}-{strength}-{number:03d}")
        found = _placed(made, family, own, span, planted)
        if found is not None:
            planted.append(found)
    planted.sort(key=lambda one: one.incident.start_ns)
    return joined([one.plan for one in planted]), [one.incident for one in planted]


def play(
    roles: Mapping[str, str],
    kind: str,
    strength: str,
    *,
    seed: int,
    start_ns: int,
    subject: str | None = None,
    clouds: Mapping[str, str] | None = None,
    upstream: str | None = None,
) -> "tuple[pl.DataFrame, Incident]":
    """Return one incident that begins at a time of one's choice."""
    import numpy as np

    place = Place(roles=roles, clouds=clouds or CLOUDS, upstream=upstream)
    family = FAMILIES[_known([kind])[0]]
    able = _subjects(place, family)
    if subject is None and not able:
        hint = f"give an address with one of the roles {', '.join(family.roles)}"
        raise UsageError(f"nobody here can play {kind}", hint=hint)
    own = np.random.default_rng([seed, 7_003, crc32(f"{kind} {strength}".encode())])
    who = subject or str(own.choice(able))
    act = Act(place=place, subject=who, strength=strength, dice=own)
    made = _moved(_played(act, family, f"{kind}-{strength}"), start_ns)
    return made.plan, made.incident


def _known(kinds: Sequence[str]) -> Sequence[str]:
    for kind in kinds:
        if kind not in FAMILIES:
            raise UsageError(f"there is no incident {kind}", hint=f"known are {', '.join(KINDS)}")
    return kinds


def _subjects(place: Place, family: Family) -> list[str]:
    """Return who can play it; whoever it needs besides must be somebody else."""
    able = place.of(*family.roles)
    return [one for one in able if not family.needs or place.others(one, *family.needs)]


def _drawn(
    place: Place,
    dice: "np.random.Generator",
    wanted: int,
    kinds: Sequence[str] | None,
    strengths: Sequence[str],
) -> Iterator[tuple[Family, str]]:
    """Draw kinds like cards: the deck is shuffled anew when it is used up, the strength goes round."""
    deck = [FAMILIES[kind] for kind in sorted(_known(kinds or KINDS))]
    deck = [family for family in deck if _subjects(place, family)]
    offset = {family.kind: int(dice.integers(len(strengths))) for family in deck}
    for number in range(wanted if deck else 0):
        turn, at = divmod(number, len(deck))
        if at == 0:
            deck = [deck[int(card)] for card in dice.permutation(len(deck))]
        yield deck[at], strengths[(offset[deck[at].kind] + turn) % len(strengths)]


def _played(act: Act, family: Family, label: str) -> _Planted:
    """Play an act and say what it was, from second 0 on."""
    import polars as pl

    family.play(act)
    plan = joined(act.rows).with_columns(pl.lit(label).alias("incident"))
    incident = Incident(
        kind=family.kind,
        subject=act.subject,
        targets=tuple(act.targets),
        start_ns=min(plan["start_ns"]),
        end_ns=max(plan["start_ns"] + plan["duration_ns"]),
        label=label,
        strength=act.strength,
    )
    role = act.place.roles.get(act.subject, "")
    # The resolver passes on what anybody asks: that keeps no two apart.
    inside = frozenset(act.place.roles) - {act.place.resolver}
    hosts = inside & frozenset(plan["src"].unique().to_list())
    return _Planted(incident=incident, plan=plan, hosts=hosts | {act.subject}, role=role)


def _moved(made: _Planted, start_ns: int) -> _Planted:
    """Return the same so that its first packet is at a time."""
    import polars as pl

    by = start_ns - made.incident.start_ns
    return replace(
        made,
        incident=replace(made.incident, start_ns=start_ns, end_ns=made.incident.end_ns + by),
        plan=made.plan.with_columns(pl.col("start_ns") + by),
    )


def _placed(
    made: _Planted,
    family: Family,
    dice: "np.random.Generator",
    span: tuple[int, int],
    planted: Sequence[_Planted],
) -> _Planted | None:
    """Return it at a time at which it disturbs no other, or nothing when there is none."""
    lasting = made.incident.end_ns - made.incident.start_ns
    hours = family.hours
    # What people carry or sit at is mostly switched on while they work.
    if hours == "any" and made.role in PERSONAL and dice.random() < AT_WORK:
        hours = "day"
    for _ in range(TRIES):
        start = _moment(hours, dice, span, lasting)
        if start is None:
            return None
        tried = _moved(made, start)
        if _fits(tried, span, planted):
            return tried
    return None


def _moment(hours: str, dice: "np.random.Generator", span: tuple[int, int], lasting: int) -> int | None:
    """Draw a time: any, or one within the hours in which such a thing happens."""
    latest = span[1] - lasting
    if latest <= span[0]:
        return None
    moment = int(dice.integers(span[0], latest))
    if hours == "any":
        return moment
    low, high = WORK_HOURS if hours == "day" else NIGHT_HOURS
    day = moment // DAY_NS
    # The first of January 1970 was a Thursday.
    weekday = (day + 3) % 7
    if hours == "day" and weekday > FRIDAY:
        day -= weekday - FRIDAY
    return int(day * DAY_NS + float(dice.uniform(low, high)) * HOUR_NS)


def _fits(tried: _Planted, span: tuple[int, int], planted: Sequence[_Planted]) -> bool:
    start, end = tried.incident.start_ns, tried.incident.end_ns
    if start < span[0] or end > span[1]:
        return False
    near = [
        one
        for one in planted
        if one.incident.start_ns < end + QUIET_NS and start < one.incident.end_ns + QUIET_NS
    ]
    if any(one.hosts & tried.hosts for one in near):
        return False
    # So many run at a moment at most; that can only be reached when one of them begins.
    both = [one.incident for one in near if one.incident.start_ns < end and start < one.incident.end_ns]
    moments = [start, *(one.start_ns for one in both if one.start_ns >= start)]
    return all(sum(one.start_ns <= at < one.end_ns for one in both) < AT_ONCE for at in moments)
