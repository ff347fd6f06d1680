"""The oddest rows of calibration, kept so that alarms a day can be counted at any threshold later."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from oddwire.errors import UsageError
from oddwire.learning.exposure import Exposure

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["FLOOR", "MOST_MARKS", "Marks", "key_of"]

# Rows that are expected more than 10,000 times a day are never marks: budgets up to 1,000 alarms a day stand.
FLOOR = -4.0
# Of more rows the oddest are kept.
MOST_MARKS = 100_000


def key_of(text: str) -> int:
    """Return the number by which a subject is known: a model file names nobody."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Marks:
    """Rows in time order, all that are at least as odd as `floor`, and what was watched meanwhile.

    `members` are keys of who raises an alarm: the kind of finding, since one kind about one subject is one
    alarm whichever model said it. `subjects` are keys of hosts; `surprise` is that of `Tail.surprise`.
    """

    subjects: "np.ndarray"
    members: "np.ndarray"
    start_ns: "np.ndarray"
    end_ns: "np.ndarray"
    surprise: "np.ndarray"
    floor: float
    exposure: Exposure

    @classmethod
    def of(
        cls, table: "pl.DataFrame", *, exposure: Exposure, floor: float = FLOOR, most: int = MOST_MARKS
    ) -> "Marks":
        """Return the marks of a table: `subject` and `member` (text), `start_ns`, `end_ns`, `surprise`.

        All members belong into one table, or are joined later: the budget is that of all together.
        """
        import numpy as np
        import polars as pl

        surprise = table["surprise"].to_numpy()
        floor = _risen(surprise[surprise >= floor], floor, most)
        kept = table.filter(pl.col("surprise").is_not_nan() & (pl.col("surprise") >= floor))
        return _in_order(
            cls(
                subjects=_keys(kept["subject"].to_list()),
                members=_keys(kept["member"].to_list()),
                start_ns=kept["start_ns"].to_numpy().astype(np.int64),
                end_ns=kept["end_ns"].to_numpy().astype(np.int64),
                surprise=kept["surprise"].to_numpy().astype(np.float64),
                floor=floor,
                exposure=exposure,
            )
        )

    @classmethod
    def joined(cls, parts: "Iterable[Marks]", *, most: int = MOST_MARKS) -> "Marks":
        """Return the marks of several captures or members together, bounded as one."""
        import numpy as np

        known = list(parts)
        if not known:
            raise UsageError("there are no marks to put together")
        exposure = known[0].exposure
        for one in known[1:]:
            exposure = exposure if one.exposure is exposure else exposure.joined(one.exposure)
        columns = {
            name: np.concatenate([getattr(one, name) for one in known])
            for name in ("subjects", "members", "start_ns", "end_ns", "surprise")
        }
        floor = max(one.floor for one in known)
        surprise = columns["surprise"]
        floor = _risen(surprise[surprise >= floor], floor, most)
        kept = {name: column[surprise >= floor] for name, column in columns.items()}
        return _in_order(cls(**kept, floor=floor, exposure=exposure))

    @property
    def size(self) -> int:
        """Return the number of rows."""
        return int(self.surprise.size)

    @property
    def days(self) -> float:
        """Return the days that were watched."""
        return self.exposure.days

    def save(self) -> "dict[str, np.ndarray]":
        """Return everything as arrays of numbers."""
        import numpy as np

        return {
            "subjects": self.subjects,
            "members": self.members,
            "start_ns": self.start_ns,
            "end_ns": self.end_ns,
            "surprise": self.surprise,
            "floor": np.array([self.floor], dtype=np.float64),
        } | self.exposure.save()

    @classmethod
    def load(cls, arrays: "Mapping[str, np.ndarray]") -> "Marks":
        """Return what was saved; refuse arrays that are no marks."""
        import numpy as np

        try:
            subjects, members, start_ns, end_ns = (
                np.asarray(arrays[name], dtype=np.int64)
                for name in ("subjects", "members", "start_ns", "end_ns")
            )
            surprise = np.asarray(arrays["surprise"], dtype=np.float64)
            (floor,) = np.asarray(arrays["floor"], dtype=np.float64)
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError("the calibration of the model is damaged") from error
        columns = (subjects, members, start_ns, end_ns, surprise)
        if len({one.shape for one in columns}) != 1 or surprise.ndim != 1:
            raise UsageError("the calibration of the model is damaged", hint="its arrays differ in length")
        if not (np.isfinite(floor) and np.all(surprise >= floor) and np.all(end_ns >= start_ns)):
            raise UsageError("the calibration of the model is damaged", hint="its numbers are in no order")
        return _in_order(
            cls(
                subjects=subjects,
                members=members,
                start_ns=start_ns,
                end_ns=end_ns,
                surprise=surprise,
                floor=float(floor),
                exposure=Exposure.load(arrays),
            )
        )


def _in_order(marks: Marks) -> Marks:
    """Return the same with a fixed order: member, subject, time."""
    import numpy as np

    order = np.lexsort((marks.surprise, marks.end_ns, marks.start_ns, marks.subjects, marks.members))
    return Marks(
        subjects=marks.subjects[order],
        members=marks.members[order],
        start_ns=marks.start_ns[order],
        end_ns=marks.end_ns[order],
        surprise=marks.surprise[order],
        floor=marks.floor,
        exposure=marks.exposure,
    )


def _risen(surprise: "np.ndarray", floor: float, most: int) -> float:
    """Return the floor above which at most so many rows stand; rows equal to it go or stay together."""
    import numpy as np

    if surprise.size <= most:
        return floor
    cut = np.partition(surprise, surprise.size - most - 1)[surprise.size - most - 1]
    return float(np.nextafter(cut, np.inf))


def _keys(texts: Sequence[str]) -> "np.ndarray":
    import numpy as np

    known = {text: key_of(text) for text in set(texts)}
    return np.array([known[text] for text in texts], dtype=np.int64)
