"""What was done with services is told with all that its readers use, whichever table it comes from."""

import polars as pl

from oddwire.base.window import Hosts, Window
from oddwire.features.entries import ENTRIES_NEED, Entries

READ_BY_ALL = {"tick", "src", "dst", "dst_port", "born", "first", "order"}


def test_rows_of_each_table_have_what_every_reader_uses() -> None:
    def rows(table: str, **known: object) -> pl.DataFrame:
        names = [name.partition(".")[2] for name in ENTRIES_NEED if name.startswith(f"{table}.")]
        return pl.DataFrame([{name: known.get(name, 1) for name in names}])

    talks = rows("talks", protocol=6, state=0b1001, service="http", payload_out=1)
    smb = rows("smb", version="SMB1 NT1", name="browser", auth="anonymous", share="IPC$", status="")
    http = rows("http", attack_signs="sql")
    nothing = pl.DataFrame()
    window = Window(
        start_ns=0,
        end_ns=1,
        talks=talks,
        ended=nothing,
        arp=nothing,
        hosts=Hosts(lambda numbers: [str(one) for one in numbers], lambda _: True),
        said={"smb": smb, "http": http},
    )
    found = list(Entries(quiet_s=60).rows(window))
    assert [row["order"] for row in found] == [0, 1, 2]
    assert all(row.keys() >= READ_BY_ALL for row in found)
