"""Where checked rows wait until they are worked through: encrypted, and not for ever."""

import os
from collections.abc import AsyncIterator, Sequence, Set
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from chassis.decider import Invalid
from chassis.keyring import Keyring
from chassis.vault import Vault
from schemas.said import said
from services.provisioning.importing.draft import Draft, Part

PART_ROWS = 250
MOST_BYTES = 1_000_000
"""Of one part: brokers take messages of 1 MiB, headers included."""
_NONCE = 12


class RowsMissing(Exception):
    """The rows of this import are not kept any more, or the key file is not the right one."""


@dataclass(frozen=True)
class Staging:
    """Keeps the rows of an import by number. Passwords among them are sealed for activation."""

    bucket: Vault
    keyring: Keyring

    async def keep(self, organization: str, import_id: str, drafts: Sequence[Draft]) -> None:
        """Put all rows away. Raises `Invalid` for too much text, `StoreUnavailable`."""
        parts = [
            self._encrypted(
                import_id, number, Part(drafts=tuple(drafts[start : start + PART_ROWS]))
            )
            for number, start in enumerate(range(0, len(drafts), PART_ROWS))
        ]
        for number, sealed in enumerate(parts):
            if len(sealed) > MOST_BYTES:
                first, last = number * PART_ROWS + 1, min((number + 1) * PART_ROWS, len(drafts))
                raise Invalid(
                    "file",
                    said(
                        "Shorten rows %(first)s to %(last)s: they hold too much text.",
                        first=first,
                        last=last,
                    ),
                )
        for number, sealed in enumerate(parts):
            await self.bucket.put(_key(organization, import_id, number), sealed)

    async def part(self, organization: str, import_id: str, first: int) -> list[Draft]:
        """The rows kept together from `first` on, counted from 0.

        Raises `RowsMissing`, `StoreUnavailable`.
        """
        return list((await self._part(organization, import_id, first // PART_ROWS)).drafts)

    async def strip(self, organization: str, import_id: str, first: int, keep: Set[str]) -> None:
        """Forget the cells of all rows of a part but these. Raises `StoreUnavailable`."""
        part = await self._part(organization, import_id, first // PART_ROWS)
        drafts = tuple(one if one.import_row_id in keep else _blank(one) for one in part.drafts)
        number = first // PART_ROWS
        sealed = self._encrypted(import_id, number, Part(drafts=drafts))
        await self.bucket.put(_key(organization, import_id, number), sealed)

    async def all(self, organization: str, import_id: str, rows: int) -> AsyncIterator[Draft]:
        """Every row. Raises `RowsMissing`, `StoreUnavailable`."""
        for start in range(0, rows, PART_ROWS):
            for draft in await self.part(organization, import_id, start):
                yield draft

    async def _part(self, organization: str, import_id: str, number: int) -> Part:
        value = (await self.bucket.get(_key(organization, import_id, number))).value
        if value is None:
            raise RowsMissing(f"Part {number} of import {import_id} is not kept any more.")
        try:
            return Part.model_validate_json(self._decrypted(import_id, number, value))
        except (KeyError, InvalidTag):
            raise RowsMissing(
                f"Part {number} of import {import_id} was encrypted with a key that is not in "
                "PROVISIONING_KEYRING. Put that key back."
            ) from None

    def _encrypted(self, import_id: str, number: int, part: Part) -> bytes:
        key_id, nonce = self.keyring.current, os.urandom(_NONCE)
        content = part.model_dump_json().encode()
        sealed = self._cipher(import_id, key_id).encrypt(nonce, content, str(number).encode())
        return b".".join((key_id.encode(), nonce + sealed))

    def _decrypted(self, import_id: str, number: int, value: bytes) -> bytes:
        key_id, _, rest = value.partition(b".")
        cipher = self._cipher(import_id, key_id.decode())
        return cipher.decrypt(rest[:_NONCE], rest[_NONCE:], str(number).encode())

    def _cipher(self, import_id: str, key_id: str) -> ChaCha20Poly1305:
        return ChaCha20Poly1305(self.keyring.mac("import rows", import_id, key_id=key_id))


def _blank(draft: Draft) -> Draft:
    return Draft(row=draft.row, import_row_id=draft.import_row_id, cells={})


def _key(organization: str, import_id: str, number: int) -> str:
    return f"{organization}.{import_id}.{number}"
