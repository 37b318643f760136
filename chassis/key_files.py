"""Files that hold keys: written once, readable by their owner alone, never overwritten."""

import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

KEY_BYTES = 32
OWNER_ONLY = 0o600
EVERYBODY_READS = 0o644


class WrongKeyFile(Exception):
    """A key file is missing or cannot be used. The text says which and what to do."""


class KeyFile(BaseModel):
    """Keys by id, each 32 bytes in base64. `current` is used for everything new."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    current: str
    keys: Annotated[dict[str, str], Field(min_length=1, repr=False)]


def read_keys(path: Path) -> tuple[str, dict[str, bytes]]:
    """The current key id and all keys by id. Raises `WrongKeyFile`."""
    try:
        content = KeyFile.model_validate_json(path.read_bytes())
        keys = {key_id: b64decode(key, validate=True) for key_id, key in content.keys.items()}
    except OSError as error:
        raise WrongKeyFile(
            f"The key file {path} cannot be read ({error.strerror}). Create it or mount it there."
        ) from None
    except (ValidationError, NotBase64):
        raise WrongKeyFile(
            f'The key file {path} must look like {{"current": "<id>", "keys": {{"<id>": '
            '"<32 bytes in base64>"}}. Restore it from its backup.'
        ) from None
    if content.current not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise WrongKeyFile(
            f"In the key file {path}, `current` must name one of `keys` and every key must have "
            f"{KEY_BYTES} bytes. Restore it from its backup."
        )
    return content.current, keys


def write_keys(path: Path, current: str, keys: Mapping[str, bytes], mode: int = OWNER_ONLY) -> None:
    """Write a key file. Raises FileExistsError."""
    encoded = {key_id: b64encode(key).decode() for key_id, key in keys.items()}
    content = KeyFile(current=current, keys=encoded)
    write_once(path, content.model_dump_json(indent=2).encode(), mode)


def replace_file(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """Write a file in the place of another, at once: nobody ever reads half of it."""
    draft = _draft(path, content, mode)
    try:
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_once(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """Write a file completely or not at all, and never over another. Raises FileExistsError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, content, mode)
    try:
        # A link, unlike a rename, fails where something stands already.
        path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)


def _draft(path: Path, content: bytes, mode: int) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft


def new_key_id() -> str:
    """An id for a new key; it tells nothing about the key."""
    return secrets.token_hex(4)
