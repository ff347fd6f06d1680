"""Volume over time in fewer, longer steps."""

from collections.abc import Sequence

__all__ = ["coarser"]

NS = 1_000_000_000
# Lengths of a step that a person reads easily, in seconds.
WIDTHS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 604_800)


def coarser(
    steps: Sequence[tuple[int, int, int]], width_s: int, most: int
) -> tuple[list[tuple[int, int, int]], int]:
    """Return at most about `most` steps (start, packets, bytes) without gaps, and their length in seconds.

    Very long captures may need more than the longest width allows; then the width grows by weeks.
    """
    if not steps:
        return [], width_s
    first, last = steps[0][0], steps[-1][0]
    span_s = (last - first) // NS + width_s
    wide_s = next((width for width in WIDTHS_S if width >= width_s and span_s / width <= most), None)
    if wide_s is None:
        wide_s = -(-span_s // most // WIDTHS_S[-1]) * WIDTHS_S[-1] or WIDTHS_S[-1]
    wide_ns = wide_s * NS
    begin = first // wide_ns
    sums = [[0, 0] for _ in range(last // wide_ns - begin + 1)]
    for start, packets, size in steps:
        place = sums[start // wide_ns - begin]
        place[0] += packets
        place[1] += size
    return [((begin + at) * wide_ns, packets, size) for at, (packets, size) in enumerate(sums)], wide_s
