from benchmarks import contenders as who
from benchmarks import memory, table, targets
from benchmarks.memory import Memory
from benchmarks.rounds import Row
from benchmarks.startup import Start


def row(name: str, cpu_s: float, *, capture: str = "real", reason: str | None = None) -> Row:
    return Row(contender=name, capture=capture, cpu_s=[cpu_s], peak_mb=[10.0], reason=reason)


def test_columns_line_up() -> None:
    lines = table.aligned(["tool", "s"], [["a long name", "1.0"], ["b", "100.25"]]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[2] == "| a long name |    1.0 |"
    assert lines[1].endswith(":|") or lines[1].endswith(": |")


def test_ratio_is_to_the_bare_loop_of_the_same_capture() -> None:
    text = table.speed(
        [
            row(who.BARE_FLOWS, 0.5),
            row(who.SOFTFLOWD, 1.5),
            row(who.BARE_FLOWS, 1.0, capture="flood"),
            row(who.SOFTFLOWD, 4.0, capture="flood"),
        ]
    )
    cells = [cell.strip() for cell in text.splitlines()[3].split("|")]
    assert cells[1:-1] == ["softflowd", "1.50", "3.0", "10", "4.00", "4.0", "10"]


def test_a_scaled_figure_is_marked() -> None:
    sliced = Row(contender=who.TSHARK, capture="real", sliced=True, factor=10.0, cpu_s=[2.0], peak_mb=[300.0])
    assert "~20.00" in table.speed([row(who.BARE_FLOWS, 0.5), sliced])


def test_a_missing_peer_is_a_row_with_its_reason() -> None:
    rows = [
        row(who.BARE_FLOWS, 0.5),
        Row(contender=who.ARGUS, capture="real", reason="argus is not installed"),
    ]
    assert "| argus" in table.speed(rows)
    assert table.reasons(rows) == "- argus, real: argus is not installed"


def test_targets_are_judged_in_their_direction() -> None:
    rows = [row(who.BARE_FLOWS, 0.2), row(who.FLOWS, 0.6), row(who.NFSTREAM, 18.0), row(who.SOFTFLOWD, 0.6)]
    found = {target.name: target.met for target in targets.targets(rows, [], [])}
    assert found["flows / bare loop, real"] is False
    assert found["flows / softflowd, real"] is True
    assert found["nfstream / flows, real"] is True
    assert found["flows / bare loop, flood"] is None


def test_start_and_memory_targets_have_their_own_limits() -> None:
    starts = [Start(name="--version", cpu_ms=90.0), Start(name="summary of a small file", cpu_ms=90.0)]
    memories = [
        Memory(name=memory.LONG, value=149.0),
        Memory(name=memory.PER_FLOW, value=None, reason="stopped"),
    ]
    found = {target.name: target.met for target in targets.targets([], starts, memories)}
    assert found["--version"] is False
    assert found["summary of a small file"] is True
    assert found[memory.LONG] is True
    assert found[memory.PER_FLOW] is None
    assert "not measured" in table.verdicts(targets.targets([], starts, memories))
