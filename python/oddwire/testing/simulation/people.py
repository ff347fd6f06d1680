"""The people of the simulated office: when they come and go, what they like, how much they do."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.testing.simulation.calendar import DAY_S

if TYPE_CHECKING:
    import numpy as np

    from oddwire.testing.simulation.office import Office

__all__ = ["HOUR", "Person", "Presence", "person_of", "presence_of"]

HOUR = 3_600
FAVOURITES = 40
TAIL = 1.25
LATE, WEEKEND, LINUX, LEFT_ON = 0.06, 0.05, 0.25, 0.45


@dataclass(frozen=True, kw_only=True)
class Person:
    """The habits of one person; they do not change from day to day."""

    number: int
    arrives_s: float
    leaves_s: float
    lunch_s: float
    # Sessions of browsing an hour.
    pace: float
    # How often somebody goes where he does not always go.
    curiosity: float
    favourites: "np.ndarray"
    calls: float
    prints: float
    files: float
    videos: float
    uploads: float
    runs_linux: bool
    leaves_it_on: bool
    is_admin: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Presence:
    """When somebody is at the desk that day, in seconds, and when the computer runs."""

    spells: tuple[tuple[float, float], ...]
    on: tuple[float, float] | None

    @property
    def is_there(self) -> bool:
        """Say whether somebody came at all."""
        return bool(self.spells)

    def moments(self, dice: "np.random.Generator", count: int) -> "np.ndarray":
        """Return moments at the desk, in order; mornings and the time after lunch are busier."""
        import numpy as np

        lengths = np.array([until - since for since, until in self.spells])
        which = dice.choice(len(lengths), count, p=lengths / lengths.sum())
        starts = np.array([since for since, _ in self.spells])
        return np.sort(starts[which] + lengths[which] * dice.beta(1.1, 1.5, count))

    def within(self, at: "np.ndarray") -> "np.ndarray":
        """Say which moments are at the desk."""
        import numpy as np

        found = np.zeros(len(at), dtype=bool)
        for since, until in self.spells:
            found |= (at >= since) & (at < until)
        return found


def person_of(office: "Office", number: int) -> Person:
    """Return the habits of somebody; the first person looks after the network."""
    import numpy as np

    dice = np.random.default_rng([office.seed, 500, number])
    sites = office.sites
    liked = sites.first_site + np.minimum(
        dice.zipf(TAIL, FAVOURITES), len(sites.names) - sites.first_site - 1
    )
    return Person(
        number=number,
        arrives_s=HOUR * float(np.clip(dice.normal(8.4, 0.7), 6.5, 10.5)),
        leaves_s=HOUR * float(np.clip(dice.normal(17.3, 0.7), 15.0, 19.5)),
        lunch_s=HOUR * float(np.clip(dice.normal(12.3, 0.3), 11.5, 13.5)),
        pace=float(np.exp(dice.normal(2.0, 0.35))),
        curiosity=float(dice.uniform(0.08, 0.35)),
        favourites=liked,
        calls=float(dice.uniform(0.3, 3.0)),
        prints=float(dice.uniform(0.1, 2.5)),
        files=float(dice.uniform(4, 18)),
        videos=float(dice.uniform(0.1, 1.2)),
        uploads=float(dice.uniform(0.3, 3.0)),
        runs_linux=bool(dice.random() < LINUX) or number == 0,
        leaves_it_on=bool(dice.random() < LEFT_ON),
        is_admin=number == 0,
    )


def presence_of(office: "Office", person: Person, day: int, dice: "np.random.Generator") -> Presence:
    """Return when somebody is there: office hours around lunch, now and then late or at a weekend."""
    calendar = office.calendar
    luck = dice.random(4)
    if calendar.is_working(day):
        if calendar.is_away(person.number, day):
            return Presence(spells=(), on=(0.0, DAY_S) if person.leaves_it_on else None)
        arrives = person.arrives_s + dice.normal(0, 900)
        leaves = person.leaves_s + dice.normal(0, 1_500)
        lunch = person.lunch_s + dice.normal(0, 600)
        spells = [(arrives, lunch), (lunch + dice.uniform(1_500, 4_200), leaves)]
        if luck[0] < LATE:
            late = leaves + HOUR * dice.uniform(0.3, 2)
            spells.append((late, min(late + HOUR * dice.uniform(0.5, 3), DAY_S - 60)))
    elif luck[1] < WEEKEND:
        arrives = HOUR * dice.uniform(9, 18)
        spells = [(arrives, arrives + HOUR * dice.uniform(0.5, 4))]
    else:
        return Presence(spells=(), on=(0.0, DAY_S) if person.leaves_it_on else None)
    spells = [(since, until) for since, until in spells if until - since > 600]  # noqa: PLR2004  # ten minutes
    on = (0.0, float(DAY_S)) if person.leaves_it_on else (spells[0][0] - 120, spells[-1][1] + 60)
    return Presence(spells=tuple((float(a), float(b)) for a, b in spells), on=on)
