"""Signatures of models: who holds the secret key vouches for the manifest, and so for every part."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oddwire import native
from oddwire.errors import ModelError, OutputError, UsageError
from oddwire.learning.array_files import stored
from oddwire.learning.model_files import (
    MANIFEST,
    SIGNATURE,
    ModelFile,
    canonical,
    model_bytes,
    put_file,
    read_model,
)

__all__ = ["Key", "make_keys", "public_path", "read_key", "sign_model", "signer", "verify_model"]

SECRET = "oddwire-secret-key-1"  # noqa: S105  # the first word of the file, not the key
PUBLIC = "oddwire-public-key-1"
ALGORITHM = "ed25519"
KEY_BYTES = 32
SIGNATURE_BYTES = 64
# A key file is one short line.
MAX_KEY_FILE = 1024
# What is signed begins with this, so that a signature of something else is never one of a model.
CONTEXT = b"oddwire-model-signature-1\n"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Key:
    """One half of a key pair; it is never shown."""

    content: bytes
    secret: bool

    @property
    def public(self) -> bytes:
        """Return the public half."""
        return native.public_key(self.content) if self.secret else self.content


def make_keys(path: Path) -> Path:
    """Write a new secret key for its owner alone, and the public half beside it; return the latter's path."""
    secret = secrets.token_bytes(KEY_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Never over another key: what it has signed could be checked, but nothing signed with it again.
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(f"{SECRET} {secret.hex()}\n")
    except OSError as failure:
        told = (failure.strerror or str(failure)).lower()
        raise OutputError(told, where=str(path), hint="take another name") from None
    public = public_path(path)
    put_file(public, f"{PUBLIC} {native.public_key(secret).hex()}\n".encode())
    return public


def public_path(path: Path) -> Path:
    """Return where the public half of a key stands."""
    return path.with_name(f"{path.name}.pub")


def read_key(path: Path) -> Key:
    """Read a key file of either kind."""
    try:
        with path.open("rb") as file:
            words = file.read(MAX_KEY_FILE).decode("ascii", "replace").split()
    except OSError as failure:
        told = (failure.strerror or str(failure)).lower()
        raise UsageError(told, where=str(path), hint="make one with oddwire model key") from None
    if len(words) != 2 or words[0] not in {SECRET, PUBLIC}:  # noqa: PLR2004  # kind and key
        raise UsageError("no key file of Oddwire", where=str(path), hint="make one with oddwire model key")
    content = _hexadecimal(words[1], KEY_BYTES)
    if content is None:
        raise UsageError("the key is damaged", where=str(path))
    return Key(content=content, secret=words[0] == SECRET)


def sign_model(path: Path, key: Key) -> ModelFile:
    """Check a model, sign its manifest, and put the signature beside it in place of an older one."""
    if not key.secret:
        raise UsageError("a public key cannot sign", hint="give the secret one, without .pub")
    model = read_model(path)
    files = model_bytes(path)
    seal = {
        "algorithm": ALGORITHM,
        "public_key": key.public.hex(),
        "signature": native.sign(key.content, _message(model)).hex(),
    }
    if path.is_dir():
        put_file(path / SIGNATURE, canonical(seal))
    else:
        put_file(path, stored({MANIFEST: files[MANIFEST], **files, SIGNATURE: canonical(seal)}))
    return read_model(path)


def verify_model(path: Path, key: Key) -> ModelFile:
    """Return a model that is whole and signed by the owner of a key; refuse any other."""
    model = read_model(path)
    seal = _seal(path)
    if seal is None:
        raise ModelError("the model is not signed", where=str(path))
    claimed, signature = seal
    if claimed != key.public:
        raise ModelError("the model is signed with another key", where=str(path))
    if not native.is_signed(claimed, _message(model), signature):
        raise ModelError("the signature does not fit the model", where=str(path))
    return model


def signer(path: Path) -> str | None:
    """Return the public key that a model says it is signed with, unproven; None without a signature."""
    seal = _seal(path)
    return None if seal is None else seal[0].hex()


def _message(model: ModelFile) -> bytes:
    """Return what is signed: the manifest, which is exactly its canonical text."""
    return CONTEXT + canonical(model.manifest)


def _seal(path: Path) -> tuple[bytes, bytes] | None:
    """Return public key and signature of a model's file."""
    content = model_bytes(path).get(SIGNATURE)
    if content is None:
        return None
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        said = None
    said = said if isinstance(said, dict) and said.get("algorithm") == ALGORITHM else {}
    public = _hexadecimal(said.get("public_key"), KEY_BYTES)
    signature = _hexadecimal(said.get("signature"), SIGNATURE_BYTES)
    if public is None or signature is None:
        raise ModelError("the signature is damaged", where=str(path))
    return public, signature


def _hexadecimal(text: Any, size: int) -> bytes | None:  # noqa: ANN401  # from a file of a stranger
    try:
        content = bytes.fromhex(text)
    except (TypeError, ValueError):
        return None
    return content if len(content) == size else None
