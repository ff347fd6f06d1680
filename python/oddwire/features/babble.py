"""How much a name looks like babble: its letters against those of the names that people choose."""

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

__all__ = ["babble", "is_top_level", "top_level"]

MOST_LETTERS = 63
# The place of the edge of a name in the alphabet.
EDGE = 28


@cache
def _given() -> dict[str, str]:
    text = files("oddwire.features").joinpath("names_model.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@cache
def _letters() -> tuple[list[float], list[int]]:
    """Return the surprises, and the place of each byte in the alphabet."""
    given = _given()
    level = {char: step / 4 for step, char in enumerate(given["levels"])}
    alphabet = given["alphabet"]
    place = [alphabet.index("-")] * 256
    for at, char in enumerate(alphabet[:EDGE]):
        place[ord(char)] = place[ord(char.upper())] = at
    for char in "0123456789":
        place[ord(char)] = alphabet.index("0")
    return [level[char] for char in given["surprises"]], place


def babble(names: Sequence[str]) -> list[float]:
    """Return the mean surprise of the letters of each name, in bits: words have 3 or so, random letters 6.

    A name is the part that somebody chose, without its public suffix. At most 63 letters are looked at.
    """
    bits, place = _letters()
    size = EDGE + 1
    told = []
    for name in names:
        before, total = EDGE * size + EDGE, 0.0
        text = [place[byte] for byte in name[:MOST_LETTERS].encode("ascii", "replace")]
        for letter in (*text, EDGE):
            total += bits[before * size + letter]
            before = before % size * size + letter
        told.append(round(total / (len(text) + 1), 4))
    return told


@cache
def top_level() -> frozenset[str]:
    """Return the top-level domains of the Internet."""
    return frozenset(_given()["top_level"].split())


def is_top_level(label: str) -> bool:
    """Say whether a label is a top-level domain of the Internet."""
    return label in top_level() or label.startswith("xn--")
