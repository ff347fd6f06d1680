"""A word that stands for every secret, and how it is found again in whatever form it leaked."""

import base64
import re

__all__ = ["CANARY", "leaks"]

CANARY = "Zqkanari7Vogel"
# A leak may be cut: any two thirds of the word give it away.
PARTS = (CANARY[:9], CANARY[5:])
# What may stand between two letters of it: the zero of UTF-16, an escape, a separator.
BETWEEN = r"(?:\\x00|\\u0000|&#0;|%00|[\0\s.,:;|_-]){0,2}"
BETWEEN_DIGITS = r"(?:\\\\x|\\x|\\u00|0x|%|[\s.,:;|_-]){0,2}"


def _forms(part: str) -> list[str]:
    raw = part.encode()
    encoded = [base64.b64encode(b"\0" * shift + raw).decode() for shift in range(3)]
    # The first letters of base64 depend on what stands before, the last ones on what stands behind.
    middles = [text[4 if shift else 0 : -4] for shift, text in enumerate(encoded)]
    wide = [base64.b64encode(part.encode(code)).decode()[:-4] for code in ("utf-16-le", "utf-16-be")]
    return [
        "(?i:" + BETWEEN.join(map(re.escape, part)) + ")",
        "(?i:" + BETWEEN_DIGITS.join(f"{byte:02x}" for byte in raw) + ")",
        r"\D{1,3}".join(str(byte) for byte in raw),
        *map(re.escape, [*middles, *wide]),
    ]


def _registers(part: bytes) -> list[str]:
    """Return the decimal numbers that pairs of bytes make, as registers hold them, from either start."""
    return [
        r"\D{1,3}".join(
            str(int.from_bytes(part[at : at + 2], "big")) for at in range(start, len(part) - 1, 2)
        )
        for start in (0, 1)
    ]


_LEAK = re.compile("|".join(form for part in PARTS for form in [*_forms(part), *_registers(part.encode())]))


def leaks(text: str) -> list[str]:
    """Return the places of a text in which the word stands: plain, in base64, hex, UTF-16 or as numbers."""
    return [text[max(0, found.start() - 60) : found.end() + 20] for found in _LEAK.finditer(text)]
