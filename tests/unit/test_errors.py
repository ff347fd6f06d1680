import json
import pickle

import pytest

from oddwire import errors
from oddwire.errors import (
    CaptureError,
    CaptureNotFound,
    FilterError,
    Interrupted,
    MissingComponent,
    OddwireError,
    UsageError,
)

EVERY = [getattr(errors, name) for name in errors.__all__]


def test_public_names_are_sorted_and_documented() -> None:
    assert errors.__all__ == sorted(errors.__all__)
    assert all(error.__doc__ and error.__doc__.split("\n")[0].endswith(".") for error in EVERY)


def test_the_tree_at_the_head_names_every_class_and_kind() -> None:
    tree = errors.__doc__ or ""
    for error in EVERY:
        assert error.__name__ in tree
        if error not in {OddwireError, CaptureError}:
            assert error.kind in tree


def test_no_two_classes_share_a_kind() -> None:
    assert len({error.kind for error in EVERY}) == len(EVERY)


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (CaptureError, 3),
        (CaptureNotFound, 3),
        (UsageError, 2),
        (FilterError, 2),
        (MissingComponent, 4),
        (Interrupted, 130),
    ],
)
def test_exit_codes(error: type[OddwireError], exit_code: int) -> None:
    assert error.exit_code == exit_code


@pytest.mark.parametrize(
    ("where", "hint", "line"),
    [
        (None, None, "no such file"),
        ("a.pcap", None, "a.pcap: no such file"),
        ("a.pcap", "check the name", "a.pcap: no such file; check the name"),
    ],
)
def test_a_message_says_where_what_and_what_to_do(where: str | None, hint: str | None, line: str) -> None:
    assert str(CaptureNotFound("no such file", where=where, hint=hint)) == line


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31mred\x1b[0m", "\u202egnp.exe", "\udc80", "\x9b2J"])
def test_a_hostile_name_stays_on_one_harmless_line(name: str) -> None:
    line = str(CaptureNotFound("no such file", where=name))
    assert line.isprintable()
    assert line.endswith(": no such file")


def test_letters_of_any_language_stay() -> None:
    assert str(CaptureNotFound("no such file", where="mesures été.pcap")).startswith("mesures été.pcap")


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        ("not_found", FileNotFoundError),
        ("permission", PermissionError),
        ("is_directory", IsADirectoryError),
        ("not_a_capture", ValueError),
        ("empty", ValueError),
        ("something_new", CaptureError),
    ],
)
def test_a_kind_finds_its_class(kind: str, builtin: type[Exception]) -> None:
    error = CaptureError.of_kind(kind, "cannot be read", where="a.pcap")
    assert isinstance(error, CaptureError)
    assert isinstance(error, builtin)
    assert str(error) == "a.pcap: cannot be read"


@pytest.mark.parametrize("error", EVERY)
def test_every_error_survives_json_and_pickle(error: type[OddwireError]) -> None:
    made = error("it broke", where="here", hint="mend it")
    facts = json.loads(json.dumps(made.to_dict()))
    assert facts["kind"] == error.kind
    assert facts["exit_code"] == error.exit_code
    assert (facts["where"], facts["message"], facts["hint"]) == ("here", "it broke", "mend it")
    copy = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own bytes
    assert (type(copy), str(copy), copy.to_dict()) == (error, str(made), made.to_dict())


def test_a_missing_component_names_its_extra() -> None:
    error = MissingComponent("to_pandas needs pandas", extra="pandas")
    assert str(error) == "to_pandas needs pandas; pip install 'oddwire[pandas]'"
    assert error.to_dict()["extra"] == "pandas"


def test_a_filter_error_says_the_position() -> None:
    assert FilterError("unknown column", position=4).to_dict()["position"] == 4
