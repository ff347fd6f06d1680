import pytest

from oddwire import native
from oddwire.engine.request import Wanted, capture_of
from oddwire.engine.shape import shape_of
from oddwire.errors import FilterError, UsageError


def test_columns_are_a_list_in_order() -> None:
    shape, bpf = shape_of("flows", " b, a,,c ", None, 5)
    assert (shape.columns, shape.filter, shape.limit, bpf) == (["b", "a", "c"], None, 5, None)


def test_an_expression_over_columns_stays_one() -> None:
    shape, bpf = shape_of("packets", None, "dst_port == 53", None)
    assert (shape.filter, bpf) == ("dst_port == 53", None)


@pytest.mark.skipif(not native.has_libpcap(), reason="libpcap is not installed")
@pytest.mark.parametrize("text", ["tcp port 443", "host 10.0.0.1 and udp", "tcp"])
def test_packets_take_the_words_of_tcpdump(text: str) -> None:
    shape, bpf = shape_of("packets", None, text, None)
    assert (shape.filter, bpf) == (None, text)


def test_what_is_neither_is_explained_as_an_expression() -> None:
    with pytest.raises(FilterError, match="dst_port"):
        shape_of("packets", None, "dstport == 53", None)


def test_other_tables_take_expressions_only() -> None:
    shape, bpf = shape_of("flows", None, "tcp port 443", None)
    assert (shape.filter, bpf) == ("tcp port 443", None)


def test_words_become_options() -> None:
    capture = capture_of(
        Wanted(
            inputs=("a",), since="1970-01-01", window="2m", idle="1m", max_memory="1k", threads=2, dedupe=True
        )
    )
    assert capture.core_options().to_dict() == {
        "since_ns": 0,
        "dedupe": True,
        "threads": 2,
        "window_ns": 120_000_000_000,
        "idle_ns": 60_000_000_000,
        "max_memory": 1024,
    }


def test_a_window_of_a_moment_is_refused() -> None:
    with pytest.raises(UsageError, match="too short; use 1s or more"):
        capture_of(Wanted(inputs=("a",), window="1ms"))
