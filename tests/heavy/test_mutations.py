"""A short round of damaged captures: none may crash, hang or swell the core."""

from pathlib import Path

import pytest

from tests.heavy.captures import captures
from tests.heavy.mutate import KINDS, mutated, records
from tests.heavy.trial import try_seeds

pytestmark = pytest.mark.mutation

MUTATIONS = 400
MAX_SECONDS = 10.0
MAX_MIB = 400.0


def test_damaged_captures_are_read_or_refused(pack: Path, tmp_path: Path) -> None:
    outcomes = try_seeds(captures(pack), range(MUTATIONS), tmp_path, timeout_s=300)
    assert len(outcomes) == MUTATIONS, outcomes[-1:]
    assert not [outcome for outcome in outcomes if outcome.fault]
    assert max(outcome.seconds for outcome in outcomes) < MAX_SECONDS
    assert max(outcome.peak_mib for outcome in outcomes) < MAX_MIB
    assert {"read", "refused"} == {outcome.outcome for outcome in outcomes}


def test_a_seed_always_gives_the_same_damage(pack: Path) -> None:
    listed = captures(pack)
    mutants = [mutated(seed, listed) for seed in range(60)]
    assert mutants == [mutated(seed, listed) for seed in range(60)]
    assert {what.partition(" of ")[0] for what, _ in mutants} == set(KINDS)


@pytest.mark.parametrize("suffix", [".pcap", ".pcapng"])
def test_records_are_found_to_the_end(pack: Path, suffix: str) -> None:
    clean = [path for path in captures(pack / "conf" / "ja4") if path.suffix == suffix][:5]
    assert clean
    for path in clean:
        data = path.read_bytes()
        assert records(data)[-1][1] == len(data), path.name
