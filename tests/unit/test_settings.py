"""Settings: the file of defaults is the defaults, what is unknown or wrong is refused with a near name."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from oddwire.engine.registry import all_detectors, all_judges
from oddwire.engine.settings import Settings, default_toml, find_settings, settings_of
from oddwire.errors import UsageError
from oddwire.records.kinds import DEFAULT_SEVERITY, Kind, Severity


def test_the_file_of_defaults_is_the_defaults() -> None:
    read = settings_of(tomllib.loads(default_toml()))
    assert read.local_nets == Settings().local_nets
    assert read.severities == DEFAULT_SEVERITY
    assert (read.off, read.only, read.rules, read.blocklists) == (frozenset(), frozenset(), (), ())
    assert read.parameters == {one.name: one.parameters() for one in all_judges()}
    assert [one.name for one in read.detectors()] == [one.name for one in all_detectors()]


def test_the_file_of_defaults_says_what_every_threshold_means() -> None:
    text = default_toml()
    for one in all_detectors():
        assert f"[detectors.{one.name}]" in text
        for parameter in one.described():
            assert f"# {parameter.meaning}" in text


def test_the_rule_shown_in_the_file_is_one_that_works() -> None:
    shown = default_toml().split("# [[suppress]]\n")[1].split("\n\n")[0]
    rule = tomllib.loads("[[suppress]]\n" + "\n".join(line[2:] for line in shown.splitlines()))
    (made,) = settings_of(rule).rules
    assert made.detector == "port_scan"


def test_what_is_given_takes_effect() -> None:
    given = {
        "local_nets": ["198.51.100.0/24"],
        "severity": {"port_scan": "critical"},
        "detectors": {"port_scan": {"fast_ports": 5, "failed": 1}},
    }
    made = settings_of(given)
    assert made.local_nets == ("198.51.100.0/24",)
    assert made.severities[Kind.PORT_SCAN] is Severity.CRITICAL
    (judge,) = [one for one in made.detectors() if one.name == "port_scan"]
    assert (judge.settings.fast_ports, judge.settings.failed) == (5, 1)
    assert judge.settings.slow_ports == 16


def test_a_detector_is_switched_off() -> None:
    made = settings_of({"detectors": {"port_scan": {"enabled": False}}})
    assert "port_scan" not in [one.name for one in made.detectors()]


def test_only_some_are_wanted() -> None:
    assert [one.name for one in Settings(only=frozenset({"port_scan"})).detectors()] == ["port_scan"]


@pytest.mark.parametrize(
    ("table", "words", "hint"),
    [
        ({"local_net": []}, "'local_net' is not a setting", "did you mean 'local_nets'?"),
        ({"detectors": {"port_scam": {}}}, "'port_scam' is not a detector", "did you mean 'port_scan'?"),
        (
            {"detectors": {"port_scan": {"fast_port": 1}}},
            "'fast_port' is not a threshold of port_scan",
            "did you mean 'fast_ports'?",
        ),
        (
            {"severity": {"port_scam": "low"}},
            "'port_scam' is not a kind of finding",
            "did you mean 'port_scan'?",
        ),
        (
            {"severity": {"port_scan": "awful"}},
            "'awful' is no severity",
            "use low, medium, high, critical",
        ),
        ({"qqqq": 1}, "'qqqq' is not a setting", None),
        ({"detectors": {"port_scan": {"fast_ports": "many"}}}, "fast_ports must be int, not 'many'", None),
        ({"detectors": {"port_scan": {"fast_ports": True}}}, "fast_ports must be int, not True", None),
        ({"detectors": {"port_scan": {"enabled": "no"}}}, "enabled must be true or false, not 'no'", None),
        ({"detectors": {"port_scan": False}}, "detectors.port_scan must be a table, not False", None),
    ],
)
def test_what_is_wrong_is_refused(table: dict[str, Any], words: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as refusal:
        settings_of(table)
    assert words in refusal.value.message
    assert refusal.value.hint == hint


def test_the_named_file_comes_first_then_the_folder_then_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {"named": "here.toml", "folder": "work/oddwire.toml", "user": "config/oddwire/oddwire.toml"}
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert find_settings() == Settings()
    for number, place in reversed(list(enumerate(places.values(), 1))):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'local_nets = ["10.{number}.0.0/16"]', encoding="utf-8")
        named = str(path) if number == 1 else None
        assert find_settings(named).local_nets == (f"10.{number}.0.0/16",)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"x = ", "this is no TOML"), (b"\xff\xfe", "this is no text"), (b"x = 1", "'x' is not a setting")],
)
def test_a_wrong_file_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError) as refusal:
        find_settings(str(path))
    assert words in refusal.value.message
    assert refusal.value.where == str(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refusal:
        find_settings(str(tmp_path / "none.toml"))
    assert refusal.value.where == str(tmp_path / "none.toml")


def test_the_digest_hangs_on_what_was_changed_alone() -> None:
    plain = Settings().digest
    assert settings_of({}).digest == plain
    assert settings_of({"severity": {"port_scan": "medium"}}).digest == plain
    assert settings_of({"severity": {"port_scan": "high"}}).digest != plain
    assert settings_of({"detectors": {"port_scan": {"fast_ports": 5}}}).digest != plain
    assert settings_of({"suppress": [{"port": 22}]}).digest != plain
