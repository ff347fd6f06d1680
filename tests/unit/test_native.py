"""The door to the core: every failure becomes an error of our own tree."""

import pytest

from oddwire import native
from oddwire.errors import (
    CaptureError,
    FilterError,
    Interrupted,
    MissingComponent,
    OddwireError,
    OutputError,
    UsageError,
)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("usage", UsageError),
        ("filter", FilterError),
        ("missing_component", MissingComponent),
        ("interrupted", Interrupted),
        ("output", OutputError),
        ("something new", OddwireError),
        *((kind, CaptureError) for kind in sorted(native.CAPTURE_KINDS)),
    ],
)
def test_a_kind_becomes_its_class(kind: str, error: type[OddwireError]) -> None:
    made = native._of_kind(kind, "it broke")
    assert isinstance(made, error)
    assert str(made) == "it broke"


def test_where_what_and_what_to_do_are_told_apart() -> None:
    error = native._of_kind("not_found", "a.pcap: there is no such file; check the name")
    assert (error.where, error.message, error.hint) == ("a.pcap", "there is no such file", "check the name")
    assert str(error) == "a.pcap: there is no such file; check the name"


def test_a_filter_error_keeps_its_place() -> None:
    error = native._of_kind("filter", "column 5: unknown column 'a'; did you mean 'b'?")
    assert isinstance(error, FilterError)
    assert (error.position, error.hint) == (4, "did you mean 'b'?")


def test_only_what_was_said_goes_to_the_core() -> None:
    assert native.Options().to_dict() == {}
    assert native.with_window(native.Options(dedupe=True), 5).to_dict() == {"dedupe": True, "window_ns": 5}


def test_public_names_are_sorted_and_there() -> None:
    assert native.__all__ == sorted(native.__all__, key=str)
    assert all(hasattr(native, name) for name in native.__all__)


def test_the_core_says_what_it_has() -> None:
    assert "parquet" in native.formats()
    assert {"ethernet", "ipv4", "tcp"} <= set(native.layers())
    assert native.filter_problem("flows", "packets > 1") is None
    assert native.has_libpcap() or not native.is_bpf("tcp")
