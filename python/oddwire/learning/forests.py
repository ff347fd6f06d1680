"""Forests of trees as arrays of numbers: trained by scikit-learn, kept without it, scored by our own core."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oddwire import native
from oddwire.errors import ModelError, UsageError
from oddwire.learning.estimators import DTYPES, LINKS, arrays_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

__all__ = ["Trees", "arrays_of"]

# A row of more than so many figures belongs to no model of ours.
MAX_OUTPUTS = 4096
# What leaves say is far smaller, and sums of it stay numbers.
LARGEST = 1e100
# So many values go to the core at a time: it makes a copy of them.
PIECE = 1 << 22


@dataclass(frozen=True, kw_only=True, slots=True)
class Trees:
    """A forest that was checked, and what is done with the sums of its leaves."""

    forest: native.Forest
    base: "np.ndarray"
    divisor: float
    link: str

    @classmethod
    def load(cls, arrays: "Mapping[str, np.ndarray]") -> "Trees":
        """Check the arrays that `arrays_of` made, wherever they come from now."""
        import numpy as np

        checked = {name: _checked(arrays, name) for name in DTYPES}
        link = _link(arrays)
        features, outputs = (int(size) for size in _sized(checked["shape"], 2))
        divisor = float(_sized(checked["divisor"], 1)[0])
        if not features > 0 or not 0 < outputs <= MAX_OUTPUTS or not 0 <= divisor < float("inf"):
            raise ModelError("the forest has an impossible shape")
        if not (np.abs(checked["values"]) <= LARGEST).all() or not (np.abs(checked["base"]) <= LARGEST).all():
            raise ModelError("a leaf of the forest says an impossible figure")
        nodes = ("feature", "threshold", "left", "right", "missing_left", "values", "roots")
        try:
            with native.core_errors():
                forest = native.Forest(
                    **{one: checked[one] for one in nodes}, outputs=outputs, features=features
                )
        except UsageError as failure:
            raise ModelError(failure.message) from None
        return cls(forest=forest, base=_sized(checked["base"], outputs), divisor=divisor, link=link)

    def raw(self, matrix: "np.ndarray", *, jobs: int = 1) -> "np.ndarray":
        """Return base and sums of the leaves, one row a row of the matrix, one column an output."""
        import numpy as np

        sums: np.ndarray = np.empty((len(matrix), self.forest.outputs))
        jobs = max(jobs, 1)
        step = max(PIECE * jobs // self.forest.features, 1)
        for start in range(0, len(matrix), step):
            piece = np.ascontiguousarray(matrix[start : start + step], dtype=np.float32)
            with native.core_errors():
                scored = self.forest.score(piece, jobs)
            sums[start : start + step] = np.frombuffer(scored).reshape(len(piece), -1)
        sums += self.base
        return sums

    def score(self, matrix: "np.ndarray", *, jobs: int = 1) -> "np.ndarray":
        """Return what the forest says of each row.

        An isolation forest says how odd it is, a classifier how likely each class is, a regression its value.
        """
        import numpy as np

        sums = self.raw(matrix, jobs=jobs)
        # A forest of a stranger may say what is too large for a power: that is infinity, and no warning.
        with np.errstate(over="ignore"):
            said: np.ndarray = LINKS[self.link](sums, self.divisor)
        return said


def _checked(arrays: "Mapping[str, np.ndarray]", name: str) -> "np.ndarray":
    """Return a flat array of exactly the kind of number that is its own."""
    import numpy as np

    found = arrays.get(name)
    if found is None or found.ndim != 1 or found.dtype != np.dtype(DTYPES[name]):
        raise ModelError(f"the forest has no good array {name!r}")
    return np.ascontiguousarray(found)


def _sized(array: "np.ndarray", size: int) -> Any:  # noqa: ANN401  # an array of numbers of any kind
    import numpy as np

    if array.shape != (size,) or not np.isfinite(array).all():
        raise ModelError("the forest has an impossible shape")
    return array


def _link(arrays: "Mapping[str, np.ndarray]") -> str:
    found = arrays.get("link")
    if found is None or found.shape != () or found.dtype.kind != "U" or str(found) not in LINKS:
        raise ModelError("the forest does not say what its sums mean")
    return str(found)
