"""Who takes part, by name."""

from collections.abc import Callable

from oddwire.engine.models import DEFAULT_TYPE, all_models
from oddwire.errors import UsageError
from oddwire.testing.contest.contestant import Contestant
from oddwire.testing.contest.kitsune import Kitsune
from oddwire.testing.contest.minutes import COUNTS
from oddwire.testing.contest.one_rule import Chance, OneRule, PacketRate, Placed, Single
from oddwire.testing.contest.product import Product
from oddwire.testing.contest.rita import Rita
from oddwire.testing.contest.rules import Rules

__all__ = ["DEFAULT", "KNOWN", "SINGLE", "WITH_RULES", "about", "contestant", "wanted"]

WITH_RULES = "rules+"
# Before the name of a count: the contestant that looks at nothing else.
SINGLE = "only:"

_MADE: dict[str, Callable[[str, int], Contestant]] = {
    "chance": lambda name, seed: Chance(name=name, seed=seed),
    "hour-of-day": lambda name, seed: Placed(name=name, seed=seed, by="hour"),
    "which-host": lambda name, seed: Placed(name=name, seed=seed, by="host"),
    "packet-rate": lambda name, seed: PacketRate(name=name, seed=seed),
    "one-rule": lambda name, seed: OneRule(name=name, seed=seed),
    "kitsune": lambda name, seed: Kitsune(name=name, seed=seed),
    "rita": lambda name, seed: Rita(name=name, seed=seed),
    "rules": lambda name, seed: Rules(name=name, seed=seed),
}


def _product(name: str, seed: int) -> Contestant:
    """Return the model of the product that has the contestant's name."""
    return Product(name=name, seed=seed, model=name)


_MADE |= {one.type: _product for one in all_models()}
KNOWN = (*_MADE, *(f"{SINGLE}{feature}" for feature in COUNTS))
# Everybody but single counts; the recommended model together with the rules is what users run.
DEFAULT = (*_MADE, f"{WITH_RULES}{DEFAULT_TYPE}")
_SINGLES = tuple(f"{SINGLE}{feature}" for feature in COUNTS)
_GROUPS = {"singles": _SINGLES, "all": (*DEFAULT, *_SINGLES)}


def contestant(name: str, *, seed: int) -> Contestant:
    """Return a contestant that has learned nothing yet."""
    if name.startswith(SINGLE) and name.removeprefix(SINGLE) in COUNTS:
        return Single(name=name, seed=seed, feature=name.removeprefix(SINGLE))
    if name not in _MADE:
        raise UsageError(f"there is no contestant '{name}'", hint=f"known are {', '.join(KNOWN)}")
    return _MADE[name](name, seed)


def about(name: str) -> str:
    """Return one line on a contestant."""
    if name.startswith(WITH_RULES):
        return f"the rules, and {name.removeprefix(WITH_RULES)} for what they say nothing of"
    return contestant(name, seed=0).about


def wanted(names: str | None) -> tuple[str, ...]:
    """Return the contestants that a list names: `rules+NAME` is the rules and NAME together.

    `singles` are all single counts, `all` is everybody.

    >>> wanted("rules, only:peers")
    ('rules', 'only:peers')
    """
    if names is None:
        return DEFAULT
    parts = (name.strip() for name in names.split(",") if name.strip())
    found = tuple(dict.fromkeys(name for part in parts for name in _GROUPS.get(part, (part,))))
    if not found:
        raise UsageError("no contestant is named", hint=f"known are {', '.join(KNOWN)}")
    for name in found:
        contestant(name.removeprefix(WITH_RULES), seed=0)
    return found
