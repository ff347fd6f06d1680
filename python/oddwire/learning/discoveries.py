"""Which rows of one batch stand out, by false-discovery control: an order and a mark, no threshold."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["discovery_rates"]


def discovery_rates(p_values: "np.ndarray") -> "np.ndarray":
    """Return for each row which share of rows at least as odd are ordinary ones.

    This is the adjusted p-value of Benjamini and Hochberg. It orders and marks the rows of one batch; how
    many alarms a day a threshold costs it cannot say, since that hangs on how many rows a day there are.
    """
    import numpy as np

    asked = np.nan_to_num(np.asarray(p_values, dtype=np.float64), nan=1.0)
    if not asked.size:
        return asked
    order = np.argsort(asked, kind="stable")
    rates = asked[order] * asked.size / np.arange(1, asked.size + 1)
    adjusted = np.empty_like(asked)
    adjusted[order] = np.minimum(np.minimum.accumulate(rates[::-1])[::-1], 1.0)
    return adjusted
