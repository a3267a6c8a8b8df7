"""One connection to an encrypted SQLite file: its key, the settings that make a commit last, why it would not open.

The file's salt (its first 16 bytes) is derived from the key. That gives nothing away, and lets a file that does not
open be told apart: with our salt, or with any page that still verifies, the key is right and the file is damaged.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from pathlib import Path
from typing import Any

from qa_player.errors import DatabaseError
from qa_player.files import PRIVATE_FILE, storage_errors
from qa_player.store.failures import BUSY, NOT_A_DATABASE, damaged, wrong_key
from qa_player.store.network_disk import refuse_network_disk

OLDEST_SQLITE = (3, 51, 3)
"""The first without the WAL-reset bug, which a writer and a reader in two processes can meet."""

LOCK_WAIT_S = 5.0

_PAGE = 4096
_SALT = 16
_PAGE_MAC = 64

_SETTINGS = (
    f"PRAGMA busy_timeout = {int(LOCK_WAIT_S * 1000)}",
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA mmap_size = 0",
    # 64 MiB, taken only as needed: a list of 100,000 sessions is sorted without decrypting it anew
    "PRAGMA cache_size = -65536",
)


def connect(path: Path, key: bytes, *, query_only: bool = False) -> Any:
    """A driver's connection to the file at ``path``, made 0600 when it is missing.

    ``key`` is 32 bytes; it goes into no address, log or message. Transactions are begun by the caller.
    Raises IntegrityError for a damaged file, DatabaseError for a wrong key or a disk of the network, the driver's own
    errors otherwise.
    """
    from sqlcipher3 import dbapi2

    if len(key) != 32:
        raise ValueError("the database key has 32 bytes")
    if dbapi2.sqlite_version_info < OLDEST_SQLITE:
        raise DatabaseError("The database library is too old to be safe.", "Install the program again.")
    refuse_network_disk(path.parent)
    fresh = _make_private(path)
    _refuse_stub(path, key)
    connection = dbapi2.connect(str(path), isolation_level=None, timeout=LOCK_WAIT_S)
    try:
        # the library would print its trouble, with times, on standard error
        connection.execute("PRAGMA cipher_log_level = NONE")
        spelled = key.hex() + (_salt(key).hex() if fresh else "")
        connection.execute(f"PRAGMA key = \"x'{spelled}'\"")
        _prove_key(connection, path, key)
        for setting in _SETTINGS:
            connection.execute(setting)
        _switch_to_wal(connection)
        if query_only:
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> bool:
    """Whether the file is still empty. It is never opened here when it exists: closing it would drop its locks."""
    with storage_errors():
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE_FILE))
        except FileExistsError:
            found = path.stat()
            if os.name == "posix" and found.st_mode & 0o077 and found.st_uid == os.getuid():
                path.chmod(PRIVATE_FILE)
            return found.st_size == 0
    return True


def _refuse_stub(path: Path, key: bytes) -> None:
    """SQLite takes less than a page for nothing and would write over it; with a journal it knows how to mend it."""
    with storage_errors():
        if 0 < path.stat().st_size < _PAGE and not path.with_name(path.name + "-journal").exists():
            raise damaged() if _was_ours(path, key) else wrong_key()


def _prove_key(connection: Any, path: Path, key: bytes) -> None:
    from sqlcipher3 import dbapi2

    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except dbapi2.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != NOT_A_DATABASE:
            raise
        raise (damaged() if _was_ours(path, key) else wrong_key()) from None


def _switch_to_wal(connection: Any) -> None:
    """Readers beside a writer. Two processes that make one file at once refuse each other here without waiting."""
    from sqlcipher3 import dbapi2

    deadline = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except dbapi2.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
            continue
        if mode != "wal":
            raise DatabaseError(
                "The database cannot be kept in this folder: the disk does not share memory between programs.",
                "Choose a home on a local disk.",
            )
        return


def _was_ours(path: Path, key: bytes) -> bool:
    """Whether a file that does not open was written with ``key``: it begins with our salt, or one page verifies."""
    salt = _salt(key)
    page_key = hashlib.pbkdf2_hmac("sha512", key, bytes(byte ^ 0x3A for byte in salt), 2, 32)
    with storage_errors(), path.open("rb") as file:
        number = 0
        while page := file.read(_PAGE):
            number += 1
            if number == 1 and page.startswith(salt):
                return True
            body, mac = page[_SALT if number == 1 else 0 : -_PAGE_MAC], page[-_PAGE_MAC:]
            if hmac.compare_digest(hmac.digest(page_key, body + number.to_bytes(4, "little"), "sha512"), mac):
                return True
    return False


def _salt(key: bytes) -> bytes:
    return hmac.digest(key, b"qa-player database salt", "sha256")[:_SALT]
