"""How much a name looks like babble: its letters against those of the names that people choose."""

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["babble", "is_top_level", "top_level"]

MOST_LETTERS = 63
# The place of the edge of a name in the alphabet.
EDGE = 28


@cache
def _given() -> dict[str, str]:
    text = files("oddwire.features").joinpath("names_model.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@cache
def _letters() -> tuple["npt.NDArray[np.float32]", "npt.NDArray[np.uint8]"]:
    """Return the surprises, and the place of each byte in the alphabet."""
    import numpy as np

    given = _given()
    level = np.zeros(128, dtype=np.float32)
    for step, char in enumerate(given["levels"]):
        level[ord(char)] = step / 4
    bits = level[np.frombuffer(given["surprises"].encode(), dtype=np.uint8)]
    place = np.full(256, given["alphabet"].index("-"), dtype=np.uint8)
    for at, char in enumerate(given["alphabet"][:EDGE]):
        place[ord(char)] = place[ord(char.upper())] = at
    place[ord("0") : ord("9") + 1] = given["alphabet"].index("0")
    return bits, place


def babble(names: Sequence[str]) -> list[float]:
    """Return the mean surprise of the letters of each name, in bits: words have 3 or so, random letters 5.

    A name is the part that somebody chose, without its public suffix. At most 63 letters are looked at.
    """
    import numpy as np

    bits, place = _letters()
    kept = [name[:MOST_LETTERS].encode("ascii", "replace") for name in names]
    if not kept:
        return []
    lengths = np.array([len(name) for name in kept])
    text = np.full((len(kept), int(lengths.max()) + 3), EDGE, dtype=np.int64)
    for row, name in enumerate(kept):
        text[row, 2 : 2 + len(name)] = place[np.frombuffer(name, dtype=np.uint8)]
    size = EDGE + 1
    surprise = bits[(text[:, :-2] * size + text[:, 1:-1]) * size + text[:, 2:]]
    counted = np.arange(text.shape[1] - 2) <= lengths[:, None]
    means = (surprise * counted).sum(axis=1) / (lengths + 1)
    return [round(float(one), 4) for one in means]


@cache
def top_level() -> frozenset[str]:
    """Return the top-level domains of the Internet."""
    return frozenset(_given()["top_level"].split())


def is_top_level(label: str) -> bool:
    """Say whether a label is a top-level domain of the Internet."""
    return label in top_level() or label.startswith("xn--")
