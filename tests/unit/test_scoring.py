import re
from dataclasses import replace
from pathlib import Path

import pytest

from oddwire.learning import right_kinds
from oddwire.learning.right_kinds import of_pairs, said
from oddwire.learning.scoring import LONGER_S, SLACK_S, TARGETS, Label, Sighting, score_capture
from oddwire.learning.tally import Tally, recall
from oddwire.records.kinds import Kind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "evaluation.md"
ATTACKER, VICTIM, OTHER = "10.0.0.5", "10.0.0.9", "10.0.0.77"
SCAN = Label(
    row="1",
    capture="a.pcap",
    kind="port_scan",
    attackers=frozenset({ATTACKER}),
    victims=frozenset({VICTIM}),
    start_s=1_000,
    end_s=1_100,
    first_s=0,
    last_s=7_200,
    active_minutes=120,
)
QUIET = Label(row="2", capture="b.pcap", kind="benign", first_s=0, last_s=7_200, active_minutes=30)
SEEN = Sighting(
    detector="port_scan",
    kinds=frozenset({"port_scan"}),
    subjects=frozenset({ATTACKER}),
    targets=frozenset({VICTIM}),
    start_s=1_000,
    end_s=1_050,
    at_s=1_005,
)


def marks(label: Label, *sightings: Sighting) -> str:
    """Return D for detected, A for the right subject, K for the right kind."""
    [verdict] = score_capture([label], sightings).verdicts
    judged = (verdict.detected, verdict.attributed, verdict.right_kind)
    return "".join(mark for mark, true in zip("DAK", judged, strict=True) if true)


@pytest.mark.parametrize(
    ("label", "sighting", "expected"),
    [
        (SCAN, SEEN, "DAK"),
        (SCAN, replace(SEEN, subjects=frozenset({OTHER})), ""),
        (SCAN, replace(SEEN, subjects=frozenset({VICTIM}), targets=frozenset({ATTACKER})), "D"),
        (SCAN, replace(SEEN, kinds=frozenset({"beacon"})), "DA"),
        (SCAN, replace(SEEN, kinds=frozenset({"host_sweep"})), "DAK"),
        (replace(SCAN, also=frozenset({"beacon"})), replace(SEEN, kinds=frozenset({"beacon"})), "DAK"),
        # The slack is 60 s on either side.
        (SCAN, replace(SEEN, start_s=1_160, end_s=1_170), "DAK"),
        (SCAN, replace(SEEN, start_s=1_161, end_s=1_170), ""),
        (SCAN, replace(SEEN, start_s=900, end_s=940), "DAK"),
        (SCAN, replace(SEEN, start_s=900, end_s=939), ""),
        # 900 s longer than the interval says no more when it was.
        (SCAN, replace(SEEN, start_s=500, end_s=1_500), "DAK"),
        (SCAN, replace(SEEN, start_s=500, end_s=1_501), ""),
        (replace(SCAN, start_s=None, end_s=None), replace(SEEN, start_s=0, end_s=7_200), "DAK"),
        (SCAN, replace(SEEN, start_s=None, end_s=None, at_s=None), "DAK"),
        # Of a flood from forged sources the victim is named.
        (replace(SCAN, attackers=frozenset()), replace(SEEN, subjects=frozenset({VICTIM})), "DAK"),
        # Whose address is forged may be named, but is not the one who forges.
        (replace(SCAN, kind="arp_spoof"), replace(SEEN, subjects=frozenset({VICTIM})), "D"),
        # Two hosts that act together: either may be the subject.
        (
            replace(SCAN, kind="c2"),
            replace(
                SEEN, subjects=frozenset({OTHER}), targets=frozenset({ATTACKER}), kinds=frozenset({"beacon"})
            ),
            "DAK",
        ),
    ],
)
def test_what_counts_as_found(label: Label, sighting: Sighting, expected: str) -> None:
    assert marks(label, sighting) == expected


def test_the_delay_is_from_the_start_of_the_label_to_the_first_alarm() -> None:
    early = replace(SEEN, at_s=1_002, kinds=frozenset({"beacon"}))
    [verdict] = score_capture([SCAN], [SEEN, early]).verdicts
    assert (verdict.delay_s, verdict.right_delay_s) == (2, 5)


def test_an_alarm_before_its_time_is_not_negative() -> None:
    [verdict] = score_capture([SCAN], [replace(SEEN, at_s=990)]).verdicts
    assert verdict.delay_s == 0


def test_a_capture_that_was_not_analysed_is_missed_and_says_so() -> None:
    scores = [score_capture([SCAN], None), score_capture([QUIET], None)]
    tally = Tally.of(scores)
    assert recall(tally.verdicts)["run"] == 0
    assert recall(tally.verdicts)["recall"] == 0
    assert (tally.quiet_run, tally.quiet_hours, tally.alarms_per_hour) == ([], 0, None)


def test_an_alarm_is_one_detector_and_subject() -> None:
    [quiet] = score_capture([QUIET], [SEEN, SEEN, replace(SEEN, detector="beacon")]).quiet
    assert (quiet.findings, quiet.alarm_count, quiet.alarms) == (3, 2, {"beacon": 1, "port_scan": 1})


def test_benign_hours_are_minutes_with_packets() -> None:
    tally = Tally.of([score_capture([QUIET], [SEEN])])
    assert (tally.quiet_hours, tally.alarms_per_hour) == (0.5, 2)


def test_the_rest_of_an_attacked_capture_can_be_benign() -> None:
    label = replace(SCAN, rest_is_benign=True)
    beside = replace(SEEN, subjects=frozenset({OTHER}), targets=frozenset(), start_s=3_000, end_s=3_010)
    during = replace(beside, start_s=1_050, end_s=1_060)
    [quiet] = score_capture([label], [SEEN, beside, during]).quiet
    assert (quiet.part, quiet.alarm_count) == ("remainder", 1)
    assert quiet.hours == pytest.approx(7_100 / 3_600)


def test_a_benign_row_beside_an_attack_has_its_own_interval() -> None:
    row = replace(QUIET, capture="a.pcap", start_s=3_000, end_s=6_600)
    beside = replace(SEEN, subjects=frozenset({OTHER}), targets=frozenset(), start_s=3_000, end_s=3_010)
    [quiet] = score_capture([SCAN, row], [SEEN, beside]).quiet
    assert (quiet.part, quiet.hours, quiet.alarm_count) == ("row 2", 1, 1)


def test_precision_asks_whether_the_alarmed_took_part() -> None:
    stranger = replace(SEEN, subjects=frozenset({OTHER}))
    tally = Tally.of([score_capture([SCAN], [SEEN, stranger]), score_capture([QUIET], [stranger])])
    assert (tally.subjects_right, tally.subjects, tally.precision) == (1, 2, 0.5)


def test_forged_sources_say_nothing_of_precision() -> None:
    tally = Tally.of([score_capture([replace(SCAN, attackers=frozenset())], [SEEN])])
    assert (tally.subjects, tally.precision) == (0, None)


def test_the_median_delay_is_of_what_was_detected() -> None:
    missed = replace(SCAN, attackers=frozenset({OTHER}))
    assert Tally.of([score_capture([SCAN, missed], [SEEN])]).median_delay_s == 5
    assert Tally.of([score_capture([missed], [SEEN])]).median_delay_s is None


def test_kinds_with_other_names_in_labels() -> None:
    assert "syn_flood" in said("ack_flood")
    assert said("port_scan") == {"port_scan"}


def test_figures_by_kind_and_group() -> None:
    made = Tally.of([score_capture([replace(SCAN, group="dev")], [SEEN])]).to_dict()
    assert made["summary"]["by_kind"]["port_scan"]["recall_right_kind"] == 1
    assert made["summary"]["recall"].keys() == {"dev", "all"}
    assert made["rows"][0]["right_delay_s"] == 5


def written_table(heading: str) -> dict[str, set[str]]:
    """Return a table of the page: the first cell, and the words of the second."""
    rows = PAGE.read_text(encoding="utf-8").partition(heading)[2].partition("\n\n")[0].splitlines()[2:]
    cells = [re.findall(r"`(\w+)`", row) for row in rows]
    return {first: set(rest) for first, *rest in cells}


def test_the_page_defines_what_the_code_does() -> None:
    assert written_table("| label | is right as well |") == right_kinds._ALSO_RIGHT
    assert written_table("| finding | is read as |") == right_kinds._READ_AS
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    together = re.search(r"what two hosts do together \((.+?)\)", text)
    assert together is not None
    assert set(re.findall(r"`(\w+)`", together[1])) == {str(kind) for kind in Kind if of_pairs(kind)}
    for figure in (f"{SLACK_S:.0f} s after", f"{LONGER_S:.0f} s longer", f"first {TARGETS} targets"):
        assert figure in text
