"""Damped statistics of many streams at once: sums in which what lies back fades.

A stream is all steps with one key. The sum at a step is its own value and all earlier ones of the stream,
each multiplied by 2 to the power of minus `fading` times its age in seconds. It is a recurrence over the
steps of a stream; here it is solved for all streams together by doubling: after n passes each sum reaches
back 2**n steps.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Streams"]

# What has faded to less is nothing: it ends the doubling long before the longest stream does.
GONE = 1e-12


class Streams:
    """Steps in the order of their streams, and of time in each."""

    def __init__(self, keys: "np.ndarray", times_s: "np.ndarray") -> None:
        import numpy as np

        # Steps come in the order of time, so a stable sort keeps it.
        self.order = np.argsort(keys, kind="stable")
        ordered, times = keys[self.order], times_s[self.order]
        self.begins = np.ones(len(keys), dtype=bool)
        self.begins[1:] = ordered[1:] != ordered[:-1]
        self.gaps = np.diff(times, prepend=times[:1])
        self.gaps[self.begins] = 0.0

    def since_last(self) -> "np.ndarray":
        """Return the seconds since the step before in the same stream; 0 for the first."""
        return self.back(self.gaps)

    def into(self, values: "np.ndarray") -> "np.ndarray":
        """Return values of steps in the order of streams."""
        ordered: np.ndarray = values[..., self.order]
        return ordered

    def back(self, values: "np.ndarray") -> "np.ndarray":
        """Return values in the order of streams as values of steps."""
        import numpy as np

        found = np.empty_like(values)
        found[..., self.order] = values
        return found

    def sums(self, values: "np.ndarray", fading: float) -> "np.ndarray":
        """Return the damped sums of rows of values, all in the order of streams."""
        import numpy as np

        found = values.astype(np.float64)
        fade = np.exp2(-fading * np.maximum(self.gaps, 0.0))
        fade[self.begins] = 0.0
        reach = 1
        while reach < len(fade):
            fade[fade < GONE] = 0.0
            if not fade.any():
                break
            found[..., reach:] += fade[reach:] * found[..., :-reach].copy()
            fade[reach:] = fade[reach:] * fade[:-reach].copy()
            reach *= 2
        return found

    def last_of_other(self, forth: "np.ndarray") -> "np.ndarray":
        """Return the place of the last step the other way in the same stream; -1 where there is none.

        `forth` says which way each step goes; it and the places are in the order of streams.
        """
        import numpy as np

        places = np.arange(len(forth))
        begun = np.maximum.accumulate(np.where(self.begins, places, 0))
        forths = np.maximum.accumulate(np.where(forth, places, -1))
        backs = np.maximum.accumulate(np.where(forth, -1, places))
        other = np.where(forth, backs, forths)
        found: np.ndarray = np.where(other >= begun, other, -1)
        return found
