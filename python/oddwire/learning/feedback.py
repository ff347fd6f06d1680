"""What verdicts of people change: thresholds of learned detectors, after enough of them, and never far.

Everything follows from the log of verdicts: replaying it gives the same moves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["ENOUGH", "FARTHEST", "Judgement", "Move", "moves", "rate_factor", "share_bounds"]

# A threshold moves after so many judged alarms of one model, counted anew after each move.
ENOUGH = 20
# The rate of alarms never becomes less than half or more than twice of what was calibrated.
FARTHEST = 2.0
# Alarms of which surely more than this share is false are too many; surely less than that leaves room.
TOO_MANY, ROOM = 0.5, 0.2
# How sure: the chance that a bound lies on the wrong side.
DOUBT = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """A verdict on one alarm of a model: its number in the log, which alarm, of whom, and if it was false."""

    number: int
    alarm: str
    detector: str
    model: str
    is_false: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """A move of a threshold: after which verdict, on what grounds, and by what factor alarms change."""

    number: int
    detector: str
    model: str
    judged: int
    false: int
    # Between these the share of false alarms lies, each bound with 95 % certainty.
    low: float
    high: float
    factor: float
    # All moves so far together.
    total: float

    @property
    def words(self) -> str:
        """Return it as a sentence."""
        way = "fewer" if self.factor < 1 else "more"
        return (
            f"{self.detector}: {self.false} of {self.judged} judged alarms were false (surely"
            f" {self.low:.0%} to {self.high:.0%}): {way} alarms, {self.total:.2f} times what was calibrated"
        )


def share_bounds(false: int, judged: int) -> tuple[float, float]:
    """Return between what the share of false alarms lies, exactly (Clopper and Pearson).

    >>> tuple(round(one, 3) for one in share_bounds(20, 20))
    (0.861, 1.0)
    """
    from scipy.special import betaincinv  # type: ignore[import-untyped]  # it has no types of its own

    low = 0.0 if not false else float(betaincinv(false, judged - false + 1, DOUBT))
    high = 1.0 if false == judged else float(betaincinv(false + 1, judged - false, 1 - DOUBT))
    return low, high


def moves(judgements: Sequence[Judgement]) -> list[Move]:
    """Return the moves to which a log of verdicts led, in its order.

    One alarm counts once between two moves, by the latest verdict on it. A model that was trained anew is
    another model: its calibration is new, and so are its moves.
    """
    made: list[Move] = []
    since: dict[tuple[str, str], dict[str, bool]] = {}
    spent: set[tuple[str, str, str]] = set()
    for one in judgements:
        key = (one.detector, one.model)
        if (*key, one.alarm) in spent:
            continue
        verdicts = since.setdefault(key, {})
        verdicts[one.alarm] = one.is_false
        move = _move(one, verdicts, rate_factor(made, *key))
        if move is not None:
            made.append(move)
            spent |= {(*key, alarm) for alarm in verdicts}
            verdicts.clear()
    return made


def rate_factor(made: Iterable[Move], detector: str, model: str) -> float:
    """Return by what the budget of a detector's alarms is multiplied now."""
    mine = [one.total for one in made if (one.detector, one.model) == (detector, model)]
    return mine[-1] if mine else 1.0


def _move(last: Judgement, verdicts: dict[str, bool], before: float) -> Move | None:
    """Return the move that verdicts since the last one give reason for."""
    judged, false = len(verdicts), sum(verdicts.values())
    # Looking after every verdict would find by chance what is not there: 20, 40, 80, ...
    looks, rest = divmod(judged, ENOUGH)
    if rest or looks & (looks - 1) or not looks:
        return None
    low, high = share_bounds(false, judged)
    if low > TOO_MANY:
        # So that of the alarms that are left half are true, where only false ones go.
        wanted = 2 * (1 - low)
    elif high < ROOM:
        wanted = ROOM / high
    else:
        return None
    total = min(max(before * wanted, 1 / FARTHEST), FARTHEST)
    if abs(total / before - 1) < 1e-9:  # noqa: PLR2004  # it is at its end already
        return None
    return Move(
        number=last.number,
        detector=last.detector,
        model=last.model,
        judged=judged,
        false=false,
        low=low,
        high=high,
        factor=total / before,
        total=total,
    )
