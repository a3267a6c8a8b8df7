"""The key of a home: made with it, once, kept in the keychain under the home's own name."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

from qa_player.credentials.keychain import Keychain, MemoryKeychain
from qa_player.errors import KeychainError, StorageError
from qa_player.files import PRIVATE_FILE, Home, storage_errors, take_lock, write_whole
from qa_player.model.secret import Secret
from qa_player.sealed import new_key

LOCK_WAIT_S = 15.0
"""Longer than a first start takes with a keychain that answers late."""


async def home_key(home: Home, keychain: Keychain) -> tuple[str, bytes]:
    """The home's own name in the keychain and its master key of 32 bytes.

    Raises KeychainError when the home is older than what the keychain holds, StorageError for a damaged name.
    """
    known = await _known(home, keychain)
    if known is not None:
        return known
    # two first starts at once would each make a key, and the one that is not kept is the database's
    async with _alone(home.folder / "home-id.lock"):
        return await _known(home, keychain) or await _made(home, keychain)


async def _known(home: Home, keychain: Keychain) -> tuple[str, bytes] | None:
    """Null when the home has no key yet and may be given one."""
    home_id = await asyncio.to_thread(_read_id, home)
    kept = None if home_id is None else await keychain.get(_entry(home_id))
    if home_id is not None and kept is not None:
        return home_id, bytes.fromhex(kept.reveal())
    older = home_id is not None and isinstance(keychain, MemoryKeychain)
    if older or await asyncio.to_thread(home.database.exists):
        raise KeychainError(
            "The key of this program's database is not in the keychain.",
            "Unlock the keychain it was made with, or choose another folder with --home.",
            state="missing",
        )
    return None


async def _made(home: Home, keychain: Keychain) -> tuple[str, bytes]:
    home_id = await asyncio.to_thread(_read_id, home)
    if home_id is None:
        home_id = uuid.uuid4().hex
        await asyncio.to_thread(write_whole, home.id_file, home_id.encode() + b"\n")
    key = new_key()
    await keychain.set(_entry(home_id), Secret(key.hex()))
    return home_id, key


def _read_id(home: Home) -> str | None:
    with storage_errors():
        written = home.id_file.read_bytes().strip() if home.id_file.exists() else None
    if written is None:
        return None
    if not re.fullmatch(rb"[0-9a-f]{32}", written):
        raise StorageError(
            f"The file {home.id_file.name}, which names the key of this folder, is damaged.",
            "Restore it from a backup.",
        )
    return written.decode()


def _entry(home_id: str) -> str:
    return f"home/{home_id}"


@contextlib.asynccontextmanager
async def _alone(lock: Path) -> AsyncIterator[None]:
    """Hold ``lock``, a file that stays, against every other process; waits for its turn. Raises StorageError."""
    with storage_errors():
        handle = os.open(lock, os.O_CREAT | os.O_RDWR, PRIVATE_FILE)
    try:
        deadline = time.monotonic() + LOCK_WAIT_S
        while not take_lock(handle):
            if time.monotonic() > deadline:
                raise StorageError("Another start of this program keeps the folder locked.", "End it, then try again.")
            await asyncio.sleep(0.02)
        yield
    finally:
        os.close(handle)
