"""What a model file says of itself, and what differs between two of them."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oddwire.learning.model_files import ModelFile, read_model
from oddwire.learning.model_seals import Key, make_keys, read_key, sign_model, signer, verify_model

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "ArrayFacts",
    "Key",
    "ModelDifference",
    "ModelFacts",
    "Moved",
    "compare_models",
    "inspect_model",
    "make_keys",
    "read_key",
    "sign_model",
    "verify_model",
]

# The part with the training distribution of each feature, if the model keeps one.
REFERENCE = "reference"
# How a table of quantiles is called in it.
QUANTILES = frozenset({"grid", "quantiles"})
# The array of a part that says what its rows are.
NAMES = ("names", "features", "scaling.names")
# Keys of the manifest that are told apart from the free ones.
FRAME = frozenset({"format", "version", "schema", "parts", "blake3", "type", "features"})
# What a model of what is normal says of its members; their features are told apart.
MEMBERS, TOLD = "members", ("rows", "calibrated")


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrayFacts:
    """One array of a part: its kind of value and its size."""

    part: str
    name: str
    kind: str
    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelFacts:
    """What a model is, what it has learned of, and how large it is."""

    name: str
    type: str | None
    digest: str
    version: int
    schema: int
    # The public key that it says it is signed with; `verify` proves it.
    signer: str | None
    features: tuple[str, ...]
    # What its maker wrote into the manifest, by path: `training.rows`, `budget.per_day`.
    said: Mapping[str, Any]
    arrays: tuple[ArrayFacts, ...]
    bytes: int

    def to_dict(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """How far the quantiles of a feature moved, in ranges of the first model; None where one has none."""

    feature: str
    ranges: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelDifference:
    """What differs between two models; empty where nothing does."""

    said: Mapping[str, tuple[Any, Any]]
    features_new: tuple[str, ...]
    features_gone: tuple[str, ...]
    # `part/array`: kind and shape on both sides, None where it is not there.
    arrays: Mapping[str, tuple[str | None, str | None]]
    # Arrays of one kind and shape whose values differ.
    values: tuple[str, ...]
    moved: tuple[Moved, ...]

    @property
    def is_none(self) -> bool:
        """Say whether the two models are the same in everything."""
        return not (self.said or self.features_new or self.features_gone or self.arrays or self.values)

    def to_dict(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return asdict(self)


def inspect_model(path: Path) -> ModelFacts:
    """Read a model, check it, and return what it says of itself."""
    model = read_model(path)
    said = model.manifest
    kind = said.get("type")
    return ModelFacts(
        name=path.name,
        type=kind if isinstance(kind, str) else None,
        digest=model.digest,
        version=said["version"],
        schema=said["schema"],
        signer=signer(path),
        features=_features(model),
        said=_told(said),
        arrays=tuple(_arrays(model)),
        bytes=sum(model.sizes.values()),
    )


def compare_models(base: Path, new: Path) -> ModelDifference:
    """Read two models and return what differs."""
    one, other = read_model(base), read_model(new)
    features = _features(one), _features(other)
    shapes = _shapes(one), _shapes(other)
    return ModelDifference(
        said=_changed(_said(one), _said(other)),
        features_new=tuple(name for name in features[1] if name not in features[0]),
        features_gone=tuple(name for name in features[0] if name not in features[1]),
        arrays=_changed(*shapes),
        values=tuple(_differing(one, other)),
        moved=tuple(_moved(one, other)),
    )


def _told(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said beside the frame: of members only how large they are."""
    told = {key: value for key, value in manifest.items() if key not in FRAME}
    if MEMBERS in told:
        told[MEMBERS] = {one["name"]: {key: one.get(key) for key in TOLD} for one in told[MEMBERS]}
    return dict(_flat(told))


def _said(model: ModelFile) -> dict[str, Any]:
    ours = FRAME - {"type", "version", "schema"}
    return dict(_flat({key: value for key, value in model.manifest.items() if key not in ours}))


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested mappings by their path."""
    for key, inner in sorted(value.items()):
        if isinstance(inner, dict) and inner:
            yield from _flat(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", inner


def _features(model: ModelFile) -> tuple[str, ...]:
    """Return the features that the manifest names, or else those that a part names."""
    said = model.manifest.get("features")
    if isinstance(said, list) and all(isinstance(name, str) for name in said):
        return tuple(said)
    members = [name for one in model.manifest.get(MEMBERS, []) for name in one["features"]]
    if members:
        return tuple(dict.fromkeys(members))
    for _, arrays in sorted(model.parts.items()):
        names = _names(arrays)
        if names:
            return names
    return ()


def _names(arrays: "Mapping[str, np.ndarray]") -> tuple[str, ...]:
    for key in NAMES:
        found = arrays.get(key)
        if found is not None and found.dtype.kind == "U" and found.ndim == 1:
            return tuple(found.tolist())
    return ()


def _arrays(model: ModelFile) -> Iterator[ArrayFacts]:
    for part, arrays in sorted(model.parts.items()):
        for name, array in sorted(arrays.items()):
            kind = "text" if array.dtype.kind == "U" else array.dtype.name
            yield ArrayFacts(part=part, name=name, kind=kind, shape=array.shape)


def _shapes(model: ModelFile) -> dict[str, str]:
    return {
        f"{one.part}/{one.name}": f"{one.kind} {' x '.join(map(str, one.shape)) or 'single'}"
        for one in _arrays(model)
    }


def _changed(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what is not the same on both sides, None where it is not there."""
    keys = sorted({*one, *other})
    return {key: (one.get(key), other.get(key)) for key in keys if _differs(key, one, other)}


def _differs(key: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return key not in one or key not in other or one[key] != other[key]


def _shared(one: ModelFile, other: ModelFile) -> "Iterator[tuple[str, str, np.ndarray, np.ndarray]]":
    """Yield the arrays that both models have in one shape and kind of value."""
    for part in sorted(one.parts.keys() & other.parts.keys()):
        ours, theirs = one.parts[part], other.parts[part]
        for name in sorted(ours.keys() & theirs.keys()):
            if ours[name].shape == theirs[name].shape and ours[name].dtype.kind == theirs[name].dtype.kind:
                yield part, name, ours[name], theirs[name]


def _differing(one: ModelFile, other: ModelFile) -> Iterator[str]:
    for part, name, ours, theirs in _shared(one, other):
        if ours.tobytes() != theirs.tobytes():
            yield f"{part}/{name}"


def _moved(one: ModelFile, other: ModelFile) -> Iterator[Moved]:
    """Yield how far the quantiles of each feature moved; a table of quantiles has a row a feature."""
    for part, name, ours, theirs in _shared(one, other):
        place, _, last = name.rpartition(".")
        if part != REFERENCE or last not in QUANTILES or ours.ndim != 2:  # noqa: PLR2004  # rows and columns
            continue
        called = _rows(one, place)
        if called == _rows(other, place) and len(called) == len(ours):
            for feature, before, after in zip(called, ours, theirs, strict=True):
                told = f"{place}: {feature}" if place else feature
                yield Moved(feature=told, ranges=_distance(before, after))


def _rows(model: ModelFile, place: str) -> tuple[str, ...]:
    """Return what the rows of a table of quantiles are; the names stand beside it."""
    prefix = f"{place}." if place else ""
    arrays = model.parts[REFERENCE]
    return _names({key.removeprefix(prefix): one for key, one in arrays.items() if key.startswith(prefix)})


def _distance(ours: "np.ndarray", theirs: "np.ndarray") -> float | None:
    import numpy as np

    both = np.isfinite(ours) & np.isfinite(theirs)
    if not both.any():
        return None
    first = ours[both].astype(np.float64)
    span = float(first.max() - first.min()) or 1.0
    return float(np.abs(theirs[both].astype(np.float64) - first).max()) / span
