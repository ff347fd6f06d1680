"""How an incident is put together: who plays it, how strongly, its dice, and its conversations so far.

An act is played from second 0 on; when it takes place is decided later, by whoever plants it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from oddwire.testing.names import public
from oddwire.testing.simulation.conversations import COLUMNS, NS, conversations

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["STRENGTHS", "Act", "Family", "Place", "Span", "Times"]

T = TypeVar("T")
# The least and the most that is drawn.
Span: TypeAlias = tuple[float, float]
# Seconds since the act began: one, or one a conversation.
Times: TypeAlias = "float | Sequence[float] | np.ndarray[Any, np.dtype[Any]]"

STRENGTHS = ("loud", "middle", "quiet")
FIRST_PORT, PORTS = 49_152, 16_000
PORTLESS = (1, 58)
# Numbers of public addresses that no ordinary traffic has.
NEW_FROM, NEW_TO = 5_000_000, 90_000_000
SYLLABLES = (
    "ba", "co", "de", "fi", "gu", "ha", "jo", "ke", "lu", "mi", "no", "pa", "qui",
    "ra", "so", "te", "vu", "wex", "za", "dra", "sto", "tri", "mon", "vel", "nar",
)  # fmt: skip
ENDINGS = ("com", "com", "net", "org", "info", "io", "xyz", "top", "online", "cc")
# Header, length of the first label, end of the name, type and class of a question; a record over its data.
QUESTION_BYTES, RECORD_BYTES = 18, 12
OUTSIDE_ANSWER_S, OWN_ANSWER_S = 0.04, 0.002
# The share of questions that the resolver can answer itself.
REMEMBERED = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Who is there: the role of each address inside, and the names outside that everybody knows."""

    roles: Mapping[str, str]
    clouds: Mapping[str, str]
    # Whom the resolver asks, if that is to be seen.
    upstream: str | None = None

    def of(self, *roles: str) -> list[str]:
        """Return the IPv4 addresses of some roles, in order."""
        return [address for address in self.addresses if self.roles[address] in roles]

    @property
    def addresses(self) -> list[str]:
        """Return all IPv4 addresses, in order."""
        return sorted((address for address in self.roles if "." in address), key=ip_address)

    @property
    def resolver(self) -> str | None:
        """Return who answers for names: a resolver, else the router."""
        return next(iter([*self.of("resolver"), *self.of("router")]), None)

    def others(self, subject: str, *roles: str) -> list[str]:
        """Return the hosts of some roles but for one."""
        return [address for address in self.of(*roles) if address != subject]

    def neighbours(self, subject: str) -> list[str]:
        """Return every address of the subject's /24, whether somebody has it or not."""
        stem = subject.rpartition(".")[0]
        return [f"{stem}.{last}" for last in range(1, 255) if f"{stem}.{last}" != subject]


@dataclass(kw_only=True, slots=True)
class Act:
    """One incident while it is made."""

    place: Place
    subject: str
    strength: str
    dice: "np.random.Generator"
    targets: dict[str, None] = field(default_factory=dict)
    rows: "list[pl.DataFrame]" = field(default_factory=list)
    _ports: int = field(init=False)

    def __post_init__(self) -> None:
        """Draw the port from which the subject counts on."""
        self._ports = int(self.dice.integers(PORTS))

    def pick(self, loud: T, middle: T, quiet: T) -> T:
        """Return what belongs to the strength."""
        return {"loud": loud, "middle": middle, "quiet": quiet}[self.strength]

    def between(self, loud: Span, middle: Span, quiet: Span) -> float:
        """Draw from the range of the strength; each order of size in it is as likely."""
        import numpy as np

        low, high = self.pick(loud, middle, quiet)
        return float(np.exp(self.dice.uniform(np.log(low), np.log(high))))

    def whole(self, loud: Span, middle: Span, quiet: Span) -> int:
        """Draw a whole number from the range of the strength."""
        return max(1, round(self.between(loud, middle, quiet)))

    def chance(self, share: float) -> bool:
        """Whether something happens that happens in this share of incidents."""
        return bool(self.dice.random() < share)

    def one_of(self, choices: Sequence[T]) -> T:
        """Draw one of several."""
        return choices[int(self.dice.integers(len(choices)))]

    def some_of(self, choices: Sequence[T], count: int) -> list[T]:
        """Draw several without repeating one, in any order; all where there are not so many."""
        order = self.dice.permutation(len(choices))[:count]
        return [choices[int(at)] for at in order]

    def sizes(self, middle: float, spread: float, count: int) -> "np.ndarray[Any, np.dtype[Any]]":
        """Draw sizes around a middle: log-normal, as sizes are."""
        import numpy as np

        return np.maximum(1, middle * np.exp(self.dice.normal(0, spread, count))).astype(np.int64)

    def beats(self, every_s: float, jitter: float, lasting_s: float) -> "np.ndarray[Any, np.dtype[Any]]":
        """Return the seconds of something that happens at a beat; jitter is a share of the beat."""
        import numpy as np

        count = max(2, int(lasting_s / every_s))
        steps = every_s * (1 + jitter * self.dice.uniform(-1, 1, count))
        return np.concatenate([[0.0], np.cumsum(steps)[:-1]])

    def arrivals(self, rate: float, lasting_s: float) -> "np.ndarray[Any, np.dtype[Any]]":
        """Return the seconds of something that happens by chance so many times a second."""
        import numpy as np

        count = max(2, int(self.dice.poisson(rate * lasting_s)))
        return np.sort(self.dice.uniform(0, lasting_s, count))

    def outside(self) -> str:
        """Return a public address that nobody here has talked to."""
        return public(int(self.dice.integers(NEW_FROM, NEW_TO)))

    def domain(self) -> str:
        """Return a registered domain that nobody here has asked for."""
        count = int(self.dice.integers(3, 6))
        word = "".join(self.one_of(SYLLABLES) for _ in range(count))
        return f"{word}{self.one_of(('', '', '', '-cdn', '24', 'app'))}.{self.one_of(ENDINGS)}"

    def aim(self, *targets: str) -> None:
        """Name whom the incident is about; each once."""
        self.targets.update(dict.fromkeys(targets))

    def add(self, at_s: Times, *, duration_s: Times = 0.0, **columns: Any) -> None:  # noqa: ANN401  # see `conversations`
        """Add conversations, by the subject unless `src` is given, from ports of their own."""
        import numpy as np

        at = np.atleast_1d(np.asarray(at_s, dtype=np.float64))
        numbers = self._ports + np.arange(len(at))
        self._ports += len(at)
        given: dict[str, Any] = {
            "src": self.subject,
            "src_port": 0 if columns.get("protocol") in PORTLESS else FIRST_PORT + numbers % PORTS,
            **{name: _typed(name, value) for name, value in columns.items()},
        }
        lasting = np.broadcast_to(np.asarray(duration_s, dtype=np.float64), at.shape)
        self.rows.append(conversations(start_ns=_nanoseconds(at), duration_ns=_nanoseconds(lasting), **given))

    def ask(
        self,
        at_s: Times,
        name: str | Sequence[str],
        answer: str | Sequence[str] | None,
        *,
        verb: str = "A",
        src: str | None = None,
        data: "Times | None" = None,
    ) -> None:
        """Ask the resolver for names; `data` are the bytes in the answer where they are no addresses."""
        import numpy as np

        resolver = self.place.resolver
        asking = src or self.subject
        if resolver is None or resolver == asking:
            return
        at = np.atleast_1d(np.asarray(at_s, dtype=np.float64))
        names = [name] * len(at) if isinstance(name, str) else list(name)
        question = np.array([QUESTION_BYTES + len(one) for one in names], dtype=np.int64)
        answers = [answer] * len(at) if isinstance(answer, str) or answer is None else list(answer)
        more = np.array([_answer_bytes(one) for one in answers]) if data is None else _record(data)
        remembered = self.dice.random(len(at)) < REMEMBERED
        lag = np.where(remembered, OWN_ANSWER_S, OUTSIDE_ANSWER_S) * self.dice.uniform(0.7, 1.6, len(at))
        said: dict[str, Any] = {
            "name": np.array(names, dtype=object),
            "answer": np.array(answers, dtype=object),
            "payload_out": question,
            "payload_in": question + more,
        }
        common: dict[str, Any] = {
            "dst_port": 53,
            "protocol": 17,
            "service": "dns",
            "verb": verb,
            "packets_out": 1,
            "packets_in": 1,
        }
        self.add(at, src=asking, dst=resolver, duration_s=lag, **said, **common)
        if self.place.upstream:
            new = ~remembered
            passed = {column: value[new] for column, value in said.items()}
            on, outside = at[new] + 0.000_4, self.place.upstream
            self.add(on, src=resolver, dst=outside, duration_s=lag[new] - 0.000_8, **passed, **common)

    def look_up(self, at_s: Times, name: str, answer: str, *, remembered_s: float = 300.0) -> None:
        """Ask for a name before it is called, as often as its answer is forgotten."""
        import numpy as np

        at = np.sort(np.atleast_1d(np.asarray(at_s, dtype=np.float64)))
        asked, last = [], -np.inf
        for moment in at:
            if moment - last >= remembered_s:
                asked.append(moment - self.dice.uniform(0.05, 0.2))
                last = moment
        self.ask(asked, name, answer)


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """A kind of incident: how it is played, by hosts of which roles, and at what time of the day."""

    kind: str
    play: Callable[[Act], None]
    roles: tuple[str, ...]
    # "any", "day" (in working hours) or "night".
    hours: str = "any"
    # Roles of which somebody else must be there.
    needs: tuple[str, ...] = ()


def _nanoseconds(seconds: "np.ndarray[Any, np.dtype[Any]]") -> "np.ndarray[Any, np.dtype[Any]]":
    import numpy as np

    return np.round(seconds * 1e6).astype(np.int64) * (NS // 1_000_000)


def _typed(name: str, value: Any) -> Any:  # noqa: ANN401  # a value for all rows, or one a row
    """Return numbers as whole ones, as a plan has them."""
    import numpy as np

    if COLUMNS[name][0] == "String" or value is None:
        return value
    array = np.asarray(value)
    return array.astype(np.int64) if array.ndim else int(array)


def _answer_bytes(answer: str | None) -> int:
    if not answer or "." not in answer:
        return 0
    return sum(RECORD_BYTES + (4 if "." in one else 16) for one in answer.split(","))


def _record(data: Times) -> "np.ndarray[Any, np.dtype[Any]]":
    import numpy as np

    return np.asarray(data, dtype=np.int64) + RECORD_BYTES
