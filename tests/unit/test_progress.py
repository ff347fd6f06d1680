import io
from types import SimpleNamespace

import pytest

from oddwire.cli.progress import Progress, StepsShown, progress, steps_shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a terminal in the place of stderr, where a second passes at every look at the clock."""
    screen = Terminal()
    clock = iter(range(1000))
    monkeypatch.setattr("oddwire.cli.progress.sys", SimpleNamespace(stderr=screen))
    monkeypatch.setattr("oddwire.cli.progress.time", SimpleNamespace(monotonic=lambda: float(next(clock))))
    return screen


def test_it_says_packets_rate_share_and_time_left(terminal: Terminal) -> None:
    line = Progress()
    line(2_000_000, 25, 100)
    assert "2,000,000 packets, 2,000,000 packets/s, 25 %, 3 s left" in terminal.getvalue()


def test_without_a_size_there_is_no_time_left(terminal: Terminal) -> None:
    Progress()(1_000, 25, None)
    assert terminal.getvalue().endswith("1,000 packets, 1,000 packets/s")


def test_it_never_promises_more_than_all(terminal: Terminal) -> None:
    Progress()(1_000, 300, 100)
    assert "100 %, 0 s left" in terminal.getvalue()


def test_it_is_written_now_and_then_only(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Progress()
    monkeypatch.setattr("oddwire.cli.progress.time", SimpleNamespace(monotonic=lambda: 5.0))
    for packets in range(100):
        line(packets, 1, 2)
    assert terminal.getvalue().count("packets/s") == 1


def test_the_line_is_taken_away(terminal: Terminal) -> None:
    with progress(quiet=False) as line:
        assert line is not None
        line(1, 1, 2)
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_nothing_was_shown_nothing_is_cleared(terminal: Terminal) -> None:
    with progress(quiet=False):
        pass
    assert terminal.getvalue() == ""


def test_quiet_and_pipes_get_none(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with progress(quiet=True) as line:
        assert line is None
    monkeypatch.setattr("oddwire.cli.progress.sys", SimpleNamespace(stderr=io.StringIO()))
    with progress(quiet=False) as line:
        assert line is None
    assert terminal.getvalue() == ""


def test_steps_are_counted_with_the_time_left(terminal: Terminal) -> None:
    line = StepsShown()
    line.step("grid search", 30, 120)
    assert "grid search: 30 of 120, 25 %" in terminal.getvalue()
    assert "left" in terminal.getvalue()


def test_steps_are_silent_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oddwire.cli.progress.sys", SimpleNamespace(stderr=io.StringIO()))
    with steps_shown(quiet=False) as report:
        assert report is None
