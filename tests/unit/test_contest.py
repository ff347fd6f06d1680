"""The contest on a small made office: who finds a scan, what leaks, what fails, and how it is told."""

import json
from pathlib import Path

import polars as pl
import pytest

from oddwire.errors import UsageError
from oddwire.records.kinds import Severity
from oddwire.testing.contest import job, run
from oddwire.testing.contest.bench import Wish, as_json, as_markdown
from oddwire.testing.contest.contestants import KNOWN, about, contestant, wanted
from oddwire.testing.contest.job import work
from oddwire.testing.contest.measure import Measured, combined, measured
from oddwire.testing.contest.minutes import COUNTS, MINUTE_NS, minutes
from oddwire.testing.contest.report import markdown
from oddwire.testing.contest.rules import A_SEVERITY, Rules
from oddwire.testing.contest.run import contest
from oddwire.testing.contest.scenario import Attack, Scenario, hours_of_plan
from oddwire.testing.contest.stretch import kept
from oddwire.testing.contest.weeks import Weeks
from oddwire.testing.simulation.conversations import conversations
from oddwire.testing.windows import arp_frame, nothing_said, talk_frame
from tests.unit.contested import ATTACKER, HOUR_NS, NAMES, scenario, talks


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return scenario(tmp_path_factory.mktemp("contest") / "1")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run contestants in this process: starting one takes seconds."""

    class Process:
        def __init__(self, target: object, args: tuple[Path, str, int, Path]) -> None:
            assert target is work
            self.args = args

        def start(self) -> None:
            try:
                work(*self.args)
            except ZeroDivisionError:
                return

        def join(self, _: float) -> None:
            return

        def is_alive(self) -> bool:
            return False

    class Context:
        Process: type

    Context.Process = Process
    monkeypatch.setattr(run, "get_context", lambda _: Context)


def test_minutes_count_what_both_ends_did(made: Scenario) -> None:
    rows = minutes(made.stretch("test"))
    table = pl.concat(made.stretch("test").each("talks", ["src", "dst", "packets_out", "packets_in", "tick"]))
    assert rows["host"].unique().sort().to_list() == [0, 1, 2]
    sent = int(table.filter(pl.col("src") < 3)["packets_out"].sum())
    received = int(table.filter(pl.col("dst") < 3)["packets_in"].sum())
    assert rows["packets_out"].sum() == sent + received
    busiest = rows.sort("ports").row(-1, named=True)
    assert busiest["host"] == ATTACKER
    mine = table.filter(
        (pl.col("src") == ATTACKER)
        & (pl.col("tick").cast(pl.Int64) // MINUTE_NS * MINUTE_NS == busiest["minute"])
    )
    assert busiest["unanswered"] == mine.filter(pl.col("packets_in") == 0).height
    assert rows.filter(pl.col("host") == 2)["visitors"].max() == 1


@pytest.mark.usefixtures("here")
def test_who_counts_ports_finds_the_scan_and_luck_does_not_rank(made: Scenario) -> None:
    found = {one.contestant: one for one in contest(["only:ports", "chance", "packet-rate"], [made])}
    assert found["only:ports"].auroc == 1.0
    assert found["only:ports"].recall == (1.0, 1.0, 1.0)
    assert found["only:ports"].by_kind == {"port_scan": (1, 1)}
    assert found["only:ports"].delay_s < 600
    assert found["only:ports"].recall_calibrated == 1.0
    assert found["chance"].aupr < 0.6
    assert found["chance"].recall[0] <= found["chance"].recall[2]
    assert found["chance"].attacks == 1
    assert 0 < found["chance"].prevalence < 0.1


@pytest.mark.usefixtures("here")
def test_attacks_put_elsewhere_are_found_by_nobody(made: Scenario) -> None:
    for one in contest(["only:ports", "chance", "packet-rate", "hour-of-day"], [made]):
        assert one.shuffled == pytest.approx(0.5, abs=0.15)


def test_who_knows_the_truth_has_all_and_who_says_the_contrary_nothing(made: Scenario) -> None:
    (attack,) = made.attacks
    active = made.active
    rows = active.select(
        "subject",
        start_ns=pl.col("hour") * HOUR_NS,
        end_ns=(pl.col("hour") + 1) * HOUR_NS - 1,
        at_ns=(pl.col("hour") + 1) * HOUR_NS,
        score=(
            (pl.col("subject") == attack.subjects[0])
            & pl.col("hour").is_between(attack.start_ns // HOUR_NS, attack.end_ns // HOUR_NS)
        ).cast(pl.Float64),
    )
    good = measured("truth", made, rows, rows)
    assert (good.auroc, good.aupr, good.recall) == (1.0, 1.0, (1.0, 1.0, 1.0))
    bad = measured("contrary", made, rows, rows.with_columns(-pl.col("score")))
    assert bad.auroc == 0.0
    assert bad.recall[0] == 0.0
    silent = measured("silent", made, rows.clear(), rows.clear())
    assert silent.auroc == 0.5
    assert silent.recall == (0.0, 0.0, 0.0)


def test_a_promised_threshold_is_taken_at_its_word(made: Scenario) -> None:
    rows = made.active.select(
        "subject",
        start_ns=pl.col("hour") * HOUR_NS,
        end_ns=pl.col("hour") * HOUR_NS + 1,
        at_ns=pl.col("hour") * HOUR_NS + 1,
        score=pl.lit(1.0),
    )
    assert measured("all", made, rows, rows, promised=2.0).alarms_a_day == 0
    assert measured("all", made, rows, rows, promised=1.0).alarms_a_day > 60


def test_alarms_of_rules_come_before_all_that_a_model_says() -> None:
    rules, model = (
        pl.DataFrame({"subject": name, "start_ns": 0, "end_ns": 1, "at_ns": 1, "score": scores})
        for name, scores in (("r", [31.0, 20.0, 19.0]), ("m", [1e6, 2.0]))
    )
    both = combined(rules, model, 20.0).sort("score", descending=True)
    assert both["subject"].to_list() == ["r", "r", "m", "m"]


def test_the_rules_find_the_scan(made: Scenario, tmp_path: Path) -> None:
    (attack,) = made.attacks
    begin = attack.start_ns - HOUR_NS
    tables = {"talks": talks(1, begin, 2, scan_at=attack.start_ns), **nothing_said()}
    tables |= {"ended": talk_frame().clear(), "arp": arp_frame().clear()}
    found = Rules(name="rules").score(kept([(tables, None)], lambda: NAMES, tmp_path / "hours"))
    worst = found.sort("score").row(-1, named=True)
    assert worst["subject"] == attack.subjects[0]
    assert worst["score"] >= A_SEVERITY * int(Severity.MEDIUM)
    assert worst["at_ns"] < attack.start_ns + 60 * MINUTE_NS


@pytest.mark.usefixtures("here")
def test_one_that_fails_has_a_row_that_says_so(made: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str, *, seed: int) -> object:
        raise ZeroDivisionError(name, seed)

    monkeypatch.setattr(job, "contestant", broken)
    (one,) = contest(["only:begun"], [made])
    assert one.failed
    assert "1 failed" in markdown([one])
    assert json.dumps(one.to_dict(), allow_nan=False)


def test_in_a_process_of_its_own_it_says_the_same_and_what_it_cost(made: Scenario) -> None:
    told: list[tuple[str, int, int]] = []
    (one,) = contest(["only:peers"], [made], told=lambda *step: told.append(step))
    assert one.peak_mb > 50
    assert one.fit_s >= 0
    assert [(done, of) for _, done, of in told] == [(1, 2), (2, 2)]
    # Said once, it is not asked again.
    (again,) = contest(["only:peers"], [made])
    assert again == one


@pytest.mark.parametrize("name", KNOWN)
def test_everybody_is_described_in_one_line(name: str) -> None:
    assert about(name)
    assert "\n" not in about(f"rules+{name}")
    assert contestant(name, seed=4).seed == 4


def test_groups_of_contestants_stand_for_their_members() -> None:
    assert wanted("singles,rules,rules") == (*(f"only:{name}" for name in COUNTS), "rules")
    assert set(wanted("all")) == {*KNOWN, "rules+ensemble"}
    assert not any(name.startswith("only:") for name in wanted(None))


@pytest.mark.parametrize("names", ["nobody", "rules+nobody", " , "])
def test_unknown_contestants_are_refused(names: str) -> None:
    with pytest.raises(UsageError):
        wanted(names)


@pytest.mark.parametrize("text", ["", "1,1", "1,1,nan", "1,1,inf", "0,1,1", "-1,1,1", "1,1,999", "a,b,c"])
def test_weeks_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Weeks.of(text)


def test_hours_of_a_plan_are_those_in_which_somebody_took_part() -> None:
    plan = conversations(
        start_ns=[0, 3 * HOUR_NS, 9 * HOUR_NS],
        duration_ns=[2 * HOUR_NS, 1, 1],
        src="10.0.0.1",
        dst=["10.0.0.2", "9.9.9.9", "10.0.0.3"],
        incident=["a", "a", None],
    )
    attack = Attack(name="a", kind="k", subjects=("10.0.0.1",), others=(), start_ns=0, end_ns=4 * HOUR_NS)
    hours = hours_of_plan(plan, [attack])
    doing = hours.filter("did")
    assert doing.rows() == [("10.0.0.1", hour, True) for hour in (0, 1, 2, 3)]
    assert hours.filter(~pl.col("did"))["subject"].unique().sort().to_list() == ["10.0.0.2", "9.9.9.9"]


def results() -> list[Measured]:
    return [
        Measured(
            contestant=name,
            scenario="s",
            seed=seed,
            auroc=0.9,
            aupr=0.5,
            prevalence=0.05,
            shuffled=0.5,
            recall=(0.1, gain + seed / 100, 1.0),
            recall_calibrated=0.5,
            alarms_a_day=9.0,
            alarms_an_hour=0.375,
            attacks=20,
            by_kind={"scan": (1, 2)},
        )
        for name, gain in (("good", 0.6), ("bad", 0.4))
        for seed in (1, 2, 3)
    ]


def test_tables_tell_means_intervals_and_who_is_better() -> None:
    text = markdown(results(), best="good")
    assert (
        "| good | 0.900 (0.900 to 0.900) | 0.500 (0.500 to 0.500) | 10% (10% to 10%) | 62% (60% to 64%)"
        in text
    )
    assert "| bad | +20 (+20 to +20) | yes |" in text
    assert "| scan | 3/6 | 3/6 |" in text
    assert "5.0% hold one" in text
    assert "Seeds 1, 2, 3; 20 attacks a seed" in text


def test_results_say_what_they_rest_on() -> None:
    wish = Wish(contestants=("rules", "chance"), seeds=(1, 2, 3))
    page = as_markdown(wish, results())
    assert about("chance") in page
    assert "14 days to learn from" in page
    told = json.loads(as_json(wish, results()))
    assert told["days"] == {"train": 14, "calibrate": 7, "test": 7}
    assert len(told["results"]) == 6
    assert told["results"][0]["fit_s"] is None


def test_the_made_office_is_the_same_each_time() -> None:
    assert talks(1, 0, 2).equals(talks(1, 0, 2))
    assert NAMES[ATTACKER] == "10.0.0.2"
