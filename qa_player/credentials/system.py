"""The operating system's keychain: each call in a thread of its own, written and read back, long secrets sealed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from qa_player.credentials.backends import is_locked, safe_backend
from qa_player.credentials.trouble import hanging, locked, named, not_deleted, not_kept, sealed_file_lost
from qa_player.errors import IntegrityError, KeychainError, QaPlayerError, UsageError
from qa_player.files import private_folder, safe_name, storage_errors, write_whole
from qa_player.model.secret import Secret

SERVICE = "qa-player"
LIMIT_S = 5.0
LONGEST_KEPT = 1_000
"""UTF-16 units; Windows keeps about 1,280 (jaraco/keyring#355). Longer secrets lie sealed on disk."""

_SEALED = "qa-player-sealed-1:"

T = TypeVar("T")


class SystemKeychain:
    """The operating system's keychain. Secrets past `LONGEST_KEPT` lie in ``sealed_folder``, their key in the keychain.

    May be used from several threads and loops. KeychainError's ``state`` says what is wrong: ``absent``, ``locked``,
    ``denied``, ``refused_backend``, ``not_kept``, ``missing``, ``hanging`` or ``failed``.
    """

    def __init__(self, sealed_folder: Path, *, service: str = SERVICE, limit_s: float = LIMIT_S) -> None:
        self._folder = sealed_folder
        self._service = service
        self._limit_s = limit_s
        self._turn = threading.Lock()
        self._backend: Any = None

    async def get(self, entry: str) -> Secret | None:
        """The secret of ``entry``, null when there is none. Raises KeychainError."""
        return await self._answered(lambda _abandoned: self._get(entry))

    async def set(self, entry: str, secret: Secret) -> None:
        """Write ``secret``, read it back and compare. Raises KeychainError, StorageError, UsageError."""
        await self._answered(lambda abandoned: self._set(entry, secret, abandoned))

    async def delete(self, entry: str) -> None:
        """Remove ``entry`` and what is sealed for it; a missing one is no error. Raises KeychainError."""
        await self._answered(lambda _abandoned: self._delete(entry))

    async def _answered(self, work: Callable[[threading.Event], T]) -> T:
        """The result of ``work`` in a thread of its own, or the error that names what the keychain is doing."""
        abandoned = threading.Event()

        def in_turn() -> T:
            with self._turn:
                return work(abandoned)

        try:
            outcome = await _in_thread(in_turn, self._limit_s * 0.8)
        except TimeoutError:
            abandoned.set()
            outcome = await self._why_it_hangs()
        if isinstance(outcome, QaPlayerError):
            raise outcome
        return outcome

    async def _why_it_hangs(self) -> KeychainError:
        found: object = None
        with contextlib.suppress(TimeoutError):
            found = await _in_thread(lambda: is_locked(self._backend), self._limit_s * 0.2)
        return locked() if found is True else hanging(self._limit_s)

    def _chosen(self) -> Any:
        if self._backend is None:
            self._backend = safe_backend()
        return self._backend

    def _get(self, entry: str) -> Secret | None:
        text = self._chosen().get_password(self._service, entry)
        if text is None:
            return None
        return self._unsealed(entry, text) if text.startswith(_SEALED) else Secret(text)

    def _set(self, entry: str, secret: Secret, abandoned: threading.Event) -> None:
        text = secret.reveal()
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise UsageError("The key holds characters that no keychain can keep.", "Copy the key again.")
        # reading comes first: a locked keychain asks the person now, and who gave up meanwhile gets nothing written
        before = self._chosen().get_password(self._service, entry)
        if abandoned.is_set():
            return
        long = len(text.encode("utf-16-le")) // 2 > LONGEST_KEPT or text.startswith(_SEALED)
        kept = self._sealed(entry, text, before) if long else text
        if kept != before:
            self._chosen().set_password(self._service, entry, kept)
        if self._get(entry) != secret:
            raise not_kept()
        if not long:
            self._remove_sealed(entry)

    def _delete(self, entry: str) -> None:
        backend = self._chosen()
        # a Secret Service may hold several items of one name and deletes one at a time
        for _ in range(10):
            if backend.get_password(self._service, entry) is None:
                break
            backend.delete_password(self._service, entry)
        else:
            raise not_deleted()
        self._remove_sealed(entry)

    def _sealed(self, entry: str, text: str, before: str | None) -> str:
        """Seal ``text`` on disk, under the key ``before`` names if it does; returns what the keychain has to hold."""
        from qa_player.sealed import new_key, seal

        marker = before if before is not None and before.startswith(_SEALED) else None
        if marker is None:
            marker = _SEALED + base64.b64encode(new_key()).decode("ascii")
        private_folder(self._folder)
        write_whole(self._file(entry), seal(_key_of(marker), text.encode(), place=self._place(entry)))
        return marker

    def _unsealed(self, entry: str, marker: str) -> Secret:
        from qa_player.sealed import unseal

        path = self._file(entry)
        try:
            if path.exists():
                with storage_errors():
                    return Secret(unseal(_key_of(marker), path.read_bytes(), place=self._place(entry)).decode())
        except (IntegrityError, ValueError):
            pass
        raise sealed_file_lost()

    def _remove_sealed(self, entry: str) -> None:
        with storage_errors():
            self._file(entry).unlink(missing_ok=True)

    def _file(self, entry: str) -> Path:
        return self._folder / f"{safe_name(self._service, entry)}.sealed"

    def _place(self, entry: str) -> bytes:
        return f"secret:{self._service}\x00{entry}".encode("utf-8", "surrogatepass")


async def _in_thread(work: Callable[[], T], limit_s: float) -> T | QaPlayerError:
    """What ``work`` returns or our own error for what it raised; TimeoutError when it takes too long.

    The thread is a daemon: one that hangs for ever does not keep the program from ending.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T | QaPlayerError] = loop.create_future()

    def deliver(outcome: T | QaPlayerError) -> None:
        if not answer.done():
            answer.set_result(outcome)

    def run() -> None:
        outcome = _outcome(work)
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(deliver, outcome)

    threading.Thread(target=run, name="keychain", daemon=True).start()
    async with asyncio.timeout(limit_s):
        return await answer


def _outcome(work: Callable[[], T]) -> T | QaPlayerError:
    # the library's errors may repeat a secret: they end here and are nobody's context
    try:
        return work()
    except QaPlayerError as known:
        return known
    except Exception as raised:
        return named(raised)


def _key_of(marker: str) -> bytes:
    return base64.b64decode(marker.removeprefix(_SEALED), validate=True)
