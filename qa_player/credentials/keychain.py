"""What a keychain can do, and the one that lives in this process only."""

from __future__ import annotations

from typing import Protocol

from qa_player.model.secret import Secret


class Keychain(Protocol):
    """Holds one secret per entry; never blocks the loop, answers within five seconds. All raise KeychainError."""

    async def get(self, entry: str) -> Secret | None: ...
    async def set(self, entry: str, secret: Secret) -> None: ...
    async def delete(self, entry: str) -> None: ...


class MemoryKeychain:
    """A keychain that lives in this process only: for the demo and for tests."""

    def __init__(self) -> None:
        self._secrets: dict[str, Secret] = {}

    async def get(self, entry: str) -> Secret | None:
        """The secret of ``entry``, null when there is none."""
        return self._secrets.get(entry)

    async def set(self, entry: str, secret: Secret) -> None:
        """Keep ``secret`` until the process ends."""
        self._secrets[entry] = secret

    async def delete(self, entry: str) -> None:
        """Forget ``entry``; a missing one is no error."""
        self._secrets.pop(entry, None)
