"""What a TLS connection shows of a server that somebody set up for himself."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

__all__ = ["shown_by"]

# A decade, and some days: whoever makes a certificate without thinking takes one or the other.
LONG_DAYS, SHORT_DAYS = 3_500, 5
LEAST_LETTERS = 6
# Values that programs which make certificates offer when nothing is typed in.
_DEFAULTS = re.compile(
    r"(?i)(widgits|default (company|city)|some-?(state|city|company)"
    r"|=(localhost|test|server|example(\.com)?)\b)"
)
_VOWELS = frozenset("aeiouy")


def shown_by(hello: Mapping[str, Any]) -> Iterator[str]:
    """Yield the signs of a TLS connection; a client that names a protocol is no makeshift."""
    if hello["client_alpn"] is None and hello["sni"] is None:
        yield "no_sni"
    if not hello["self_signed"] or hello["client_alpn"] is not None:
        return
    yield "self_signed"
    if _is_bare(hello["subject"] or ""):
        yield "bare_certificate"
    if _is_odd_span(hello):
        yield "odd_validity"


def _is_bare(subject: str) -> bool:
    """Say whether a subject names nobody: only a common name, what a program offers, or letters at random."""
    parts = dict(part.partition("=")[::2] for part in re.split(r"(?<!\\),", subject))
    if set(parts) <= {"CN"} or _DEFAULTS.search(subject):
        return True
    return any(_is_random(parts.get(name, "")) for name in ("CN", "O", "OU"))


def _is_random(text: str) -> bool:
    """Say whether a word has hardly a vowel, or digits among its letters."""
    word = text.partition(".")[0].lower()
    letters = [letter for letter in word if letter.isalpha()]
    if len(word) < LEAST_LETTERS or not word.isalnum():
        return False
    turns = sum(one.isdigit() != other.isdigit() for one, other in pairwise(word))
    return turns >= 3 or 6 * sum(letter in _VOWELS for letter in letters) < len(letters)  # noqa: PLR2004  # a number in a name turns once or twice


def _is_odd_span(hello: Mapping[str, Any]) -> bool:
    """Say whether a certificate is valid for very long or very short."""
    begin, end = (_day(hello[name]) for name in ("not_before", "not_after"))
    if begin is None or end is None:
        return False
    days = (end - begin).days
    return days >= LONG_DAYS or days <= SHORT_DAYS


def _day(text: str | None) -> datetime | None:
    try:
        return datetime.strptime((text or "")[:10], "%Y-%m-%d")  # noqa: DTZ007  # days of one clock
    except ValueError:
        return None
