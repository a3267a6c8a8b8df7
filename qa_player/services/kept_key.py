"""The key of one connection as it is kept: read anew, since another process may have changed it, and renewed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from qa_player.model.secret import Secret

if TYPE_CHECKING:
    from qa_player.credentials import Keychain


class KeptKey:
    """``key`` is held here until `keep` is called; from then on the keychain's ``entry`` is the truth."""

    def __init__(self, keychain: Keychain, entry: str, key: Secret, *, kept: bool) -> None:
        self._keychain, self._entry, self._key = keychain, entry, key
        self._kept = kept
        self._forgotten = False

    async def current(self) -> Secret:
        """The key as it is now. Raises KeychainError."""
        if self._kept and not self._forgotten:
            self._key = await self._keychain.get(self._entry) or self._key
        return self._key

    async def replace(self, key: Secret) -> None:
        """Use and keep ``key`` from now on, whoever is cancelled meanwhile. Raises KeychainError."""
        self._key = key
        if self._kept and not self._forgotten:
            await asyncio.shield(self._keychain.set(self._entry, key))

    async def keep(self) -> None:
        """The connection is kept: so is its key. Raises KeychainError."""
        await self._keychain.set(self._entry, self._key)
        self._kept = True

    async def forget(self) -> None:
        """Delete it from the keychain; nothing is kept any more. Raises KeychainError."""
        self._forgotten = True
        try:
            await self._keychain.delete(self._entry)
        except BaseException:
            self._forgotten = False
            raise
