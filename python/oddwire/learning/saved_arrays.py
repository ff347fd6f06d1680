"""What a model file says, checked before it is used: arrays of the kind and shape that they must have."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from oddwire.errors import ModelError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["ascending", "names_in", "taken"]

# So many features a model may have; a file that names more is no model.
MOST_FEATURES = 10_000


def taken(
    arrays: "Mapping[str, np.ndarray]",
    name: str,
    *,
    kind: str,
    shape: Sequence[int | None],
    finite: bool = True,
) -> "np.ndarray":
    """Return an array of a kind (`f`, `iu`, `b`) and shape, where None is any length; refuse any other."""
    import numpy as np

    found = arrays.get(name)
    if found is None or found.dtype.kind not in kind or found.ndim != len(shape):
        raise ModelError(f"the model has no good array '{name}'")
    if any(wanted not in {None, got} for wanted, got in zip(shape, found.shape, strict=True)):
        raise ModelError(f"the array '{name}' of the model has an impossible shape")
    if finite and not np.isfinite(found).all():
        raise ModelError(f"the array '{name}' of the model holds what is no number")
    return found


def ascending(array: "np.ndarray", name: str, *, strictly: bool) -> "np.ndarray":
    """Return an array whose last axis ascends, NaN aside; refuse another: it is searched by halves."""
    falls = array[..., 1:] <= array[..., :-1] if strictly else array[..., 1:] < array[..., :-1]
    if falls.any():
        raise ModelError(f"the array '{name}' of the model is in no order")
    return array


def names_in(values: Mapping[str, Any]) -> list[str]:
    """Return the features that a model was trained on, each once."""
    names = values.get("features")
    if not isinstance(names, list) or not 0 < len(names) <= MOST_FEATURES:
        raise ModelError("the model does not say on which features it was trained")
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise ModelError("the model has features without a name, or two of one")
    return list(names)
