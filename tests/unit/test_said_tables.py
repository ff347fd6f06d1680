"""What was said, as judges read it: the columns are those of the core, and rows come in their tick."""

import pytest

from oddwire import native
from oddwire.records.judged import HEARD_COLUMNS, TABLES
from oddwire.records.said import SAID
from oddwire.testing.stage import our_stage
from oddwire.testing.windows import nothing_said

HEAD = [one["name"] for one in native.columns("dns")][:10]


@pytest.mark.parametrize("protocol", sorted(native.protocols()))
def test_the_columns_are_those_of_the_core(protocol: str) -> None:
    told = [one["name"] for one in native.columns(protocol)]
    assert tuple(told) == (*HEAD, *SAID[protocol])
    assert tuple(nothing_said()[protocol].columns) == TABLES[protocol]
    assert len(set(TABLES[protocol])) == len(TABLES[protocol])


def test_every_table_of_the_core_can_be_read() -> None:
    assert set(SAID) == set(native.protocols())


def test_rows_bear_numbers_of_hosts_and_the_tick_in_which_they_became_known() -> None:
    loud = our_stage().loud
    said = loud.tables["dns"]
    assert said.height > 0
    assert said["tick"].is_sorted()
    names = set(loud.hosts.names(said["src"].to_list()))
    assert names <= {name for name in loud.names if name}
    assert (said["tick"] + 5_000_000_000 > said["first"]).all()


def test_only_what_is_asked_for_is_made() -> None:
    assert set(HEARD_COLUMNS) < set(TABLES["dns"])
    loud = our_stage().loud
    assert {"talks", "ended", "arp", *SAID} == set(loud.tables)
