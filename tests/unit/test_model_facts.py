"""What models say of themselves, who signed them, and how two differ."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from oddwire.cli.model import model as command
from oddwire.engine.model_facts import compare_models, inspect_model
from oddwire.errors import ModelError, OutputError, UsageError
from oddwire.learning.model_files import read_model, write_model
from oddwire.learning.model_seals import make_keys, public_path, read_key, sign_model, verify_model

NAMES = np.array(["bytes_out", "peers"])


def written(path: Path, *, trees: int = 3, moved: float = 0.0, **said: Any) -> Path:
    quantiles = np.array([[0.0, 1.0, 4.0], [1.0, 2.0, 3.0]])
    quantiles[0, 1] += moved
    parts = {
        "model": {"forest": np.arange(trees, dtype=np.uint32), "scaling.names": NAMES},
        "reference": {"hosts.features": NAMES, "hosts.grid": quantiles},
    }
    write_model(path, {"type": "isolation-forest", "training": {"rows": 10, "days": 14}, **said}, parts)
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


@pytest.fixture(params=["office", "office.oddwire"], ids=["folder", "zip"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return written(tmp_path / str(request.param))


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    make_keys(tmp_path / "team.key")
    return tmp_path / "team.key"


def test_a_model_says_what_it_is(office: Path) -> None:
    facts = inspect_model(office)
    assert (facts.type, facts.features, facts.signer) == ("isolation-forest", ("bytes_out", "peers"), None)
    assert facts.said == {"training.days": 14, "training.rows": 10}
    assert [(one.part, one.name, one.kind, one.shape) for one in facts.arrays][:2] == [
        ("model", "forest", "uint32", (3,)),
        ("model", "scaling.names", "text", (2,)),
    ]
    told = run("inspect", office)
    assert told.exit_code == 0
    for words in (
        "isolation-forest",
        "2 features",
        "training.days  14",
        "model/forest  uint32 3",
        facts.digest,
    ):
        assert words in told.output
    assert json.loads(run("inspect", office, "--json").output)["digest"] == facts.digest
    assert "model/forest" not in run("inspect", office, "--quiet").output


def test_a_signature_proves_who_and_what(office: Path, keys: Path) -> None:
    before = read_model(office)
    assert run("sign", office, "--key", keys).exit_code == 0
    after = verify_model(office, read_key(public_path(keys)))
    assert after.digest == before.digest
    assert inspect_model(office).signer == read_key(keys).public.hex()
    assert "signed with this key" in run("verify", office, "--key", public_path(keys)).output
    assert "give --key" in run("verify", office).output


def test_signing_again_is_the_same_bytes(tmp_path: Path, keys: Path) -> None:
    path = written(tmp_path / "office.oddwire")
    sign_model(path, read_key(keys))
    once = path.read_bytes()
    sign_model(path, read_key(keys))
    assert path.read_bytes() == once


def test_another_key_another_model_or_none_is_refused(tmp_path: Path, office: Path, keys: Path) -> None:
    with pytest.raises(ModelError, match="is not signed"):
        verify_model(office, read_key(keys))
    make_keys(tmp_path / "other.key")
    sign_model(office, read_key(tmp_path / "other.key"))
    with pytest.raises(ModelError, match="with another key"):
        verify_model(office, read_key(keys))


def test_a_signature_of_another_model_does_not_fit(tmp_path: Path, keys: Path) -> None:
    one, other = written(tmp_path / "one"), written(tmp_path / "other", trees=4)
    sign_model(one, read_key(keys))
    (other / "signature.json").write_bytes((one / "signature.json").read_bytes())
    with pytest.raises(ModelError, match="does not fit the model"):
        verify_model(other, read_key(keys))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"[" * 99_999, b'{"algorithm":"ed25519"}', b'{"algorithm":"none","signature":""}']
)
def test_a_damaged_signature_is_an_error(tmp_path: Path, keys: Path, content: bytes) -> None:
    path = written(tmp_path / "office")
    (path / "signature.json").write_bytes(content)
    with pytest.raises(ModelError, match="the signature is damaged"):
        verify_model(path, read_key(keys))


def test_keys_are_for_their_owner_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "team.key"
    assert "keep it to yourself" in run("key", "-o", path).output
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(OutputError, match="file exists"):
        make_keys(path)
    assert path.read_bytes() == before
    assert read_key(path).public == read_key(public_path(path)).content
    assert before.split()[1].decode() not in repr(read_key(path))


def test_what_is_no_key_is_said(tmp_path: Path, office: Path, keys: Path) -> None:
    with pytest.raises(UsageError, match="a public key cannot sign"):
        sign_model(office, read_key(public_path(keys)))
    for content in (b"", b"hello", b"oddwire-secret-key-1 abc", b"\xff" * 5000):
        (tmp_path / "bad.key").write_bytes(content)
        with pytest.raises(UsageError):
            read_key(tmp_path / "bad.key")
    with pytest.raises(UsageError, match="no such file"):
        read_key(tmp_path / "none.key")


def test_a_changed_model_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "office")
    part = bytearray((path / "model.npz").read_bytes())
    part[200] ^= 1
    (path / "model.npz").write_bytes(part)
    for words in (("inspect", path), ("verify", path), ("diff", path, path)):
        failed = run(*words)
        assert isinstance(failed.exception, ModelError)
        assert "'model' was changed" in str(failed.exception)


def test_two_models_of_the_same_content_do_not_differ(tmp_path: Path, office: Path) -> None:
    again = written(tmp_path / "again.oddwire")
    assert compare_models(office, again).is_none
    assert run("diff", office, again).output == "The two models are the same.\n"


def test_what_differs_is_told(tmp_path: Path, office: Path) -> None:
    other = written(tmp_path / "other", trees=5, moved=2.0, features=["bytes_out", "ports"], seed=3)
    found = compare_models(office, other)
    assert found.said == {"seed": (None, 3)}
    assert (found.features_new, found.features_gone) == (("ports",), ("peers",))
    assert found.arrays == {"model/forest": ("uint32 3", "uint32 5")}
    assert found.values == ("reference/hosts.grid",)
    assert [(one.feature, one.ranges) for one in found.moved] == [
        ("hosts: bytes_out", 0.5),
        ("hosts: peers", 0.0),
    ]
    told = run("diff", office, other).output
    for words in ("seed: null -> 3", "uint32 3 -> uint32 5", "hosts: bytes_out: by 50.0% of its range"):
        assert words in told
    assert json.loads(run("diff", office, other, "--json").output)["values"] == ["reference/hosts.grid"]
