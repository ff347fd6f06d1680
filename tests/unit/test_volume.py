import pytest

from oddwire.features.volume import coarser

NS = 1_000_000_000


def test_nothing_stays_nothing() -> None:
    assert coarser([], 1, 24) == ([], 1)


def test_few_steps_stay_and_gaps_are_filled() -> None:
    steps = [(0, 1, 10), (3 * NS, 2, 20)]
    assert coarser(steps, 1, 24) == ([(0, 1, 10), (NS, 0, 0), (2 * NS, 0, 0), (3 * NS, 2, 20)], 1)


@pytest.mark.parametrize("seconds", [10, 575, 86_400, 40 * 86_400, 5_000 * 86_400])
def test_many_steps_are_put_together_without_loss(seconds: int) -> None:
    stride = max(seconds // 300, 1)
    steps = [(at * NS, 1, 100) for at in range(0, seconds, stride)]
    wide, width_s = coarser(steps, 1, 24)
    assert len(wide) <= 25
    assert sum(packets for _, packets, _ in wide) == len(steps)
    assert sum(size for _, _, size in wide) == 100 * len(steps)
    assert all(start % (width_s * NS) == 0 for start, _, _ in wide)


def test_times_before_1970_work() -> None:
    wide, width_s = coarser([(-90 * NS, 1, 1), (-NS, 1, 1)], 1, 3)
    assert [packets for _, packets, _ in wide] == [1, 0, 1]
    assert width_s == 30
