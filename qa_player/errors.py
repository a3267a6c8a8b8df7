"""The one exception tree: known trouble carries a sentence and a next step for the person; anything else is a bug.

::

    QaPlayerError                 exit 1   something we know the name of
    ├── NoDisplayError            exit 10  there is no screen to open a window on (no_display)
    ├── UsageError                exit 2   the request itself cannot be carried out (usage)
    │   ├── RequestRefusedError   exit 2   the provider can make nothing of what it was asked (bad_request)
    │   ├── ConflictError         exit 2   somebody else changed it since it was read (conflict)
    │   └── FaultyFileError       exit 2   a person's file with faults that can be named one by one (faulty_file)
    ├── KeyRefusedError           exit 3   the provider refused the key (auth_invalid, auth_expired)
    ├── NotFoundError             exit 4   absent, or not yours (not_found_or_forbidden)
    │   └── NoRecordingError      exit 4   the session has no recording (no_audio)
    ├── GoneError                 exit 5   existed and is gone for good (gone)
    ├── NotReadyError             exit 6   will exist, not yet (not_ready)
    ├── NetworkError              exit 7   nothing, or nothing usable, came over the network (transient)
    │   ├── RateLimitedError      exit 7   the provider asked us to slow down (rate_limited)
    │   ├── QuotaError            exit 7   the provider's quota is used up (quota)
    │   ├── AddressExpiredError   exit 7   a presigned address died (url_expired)
    │   ├── UnexpectedAnswerError exit 7   an answer that is not what its document promises (contract)
    │   └── RecordingReplacedError exit 7  the provider exchanged a recording while it was open (replaced)
    ├── IntegrityError            exit 8   bytes or records are not what was written (integrity)
    │   └── MediaError            exit 8   a recording that cannot be decoded (media)
    └── StorageError              exit 9   disk, keychain or database would not serve (storage)
        ├── DiskFullError         exit 9   no space left (disk_full)
        ├── KeychainError         exit 9   no usable keychain (keychain_*)
        └── DatabaseError         exit 9   the database would not open or answer (database)

No message may hold an address, a key or what was said: messages are shown, logged and exported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class QaPlayerError(Exception):
    """Known trouble.

    ``message`` is one sentence for a person, ``next_step`` what the person can do about it, ``kind`` a stable
    identifier that scripts and tests read, ``exit_status`` the process status of the command line.
    """

    kind: ClassVar[str] = "unexpected"
    exit_status: ClassVar[int] = 1

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".strip()


class NoDisplayError(QaPlayerError):
    """There is no screen to open a window on."""

    kind = "no_display"
    exit_status = 10


class UsageError(QaPlayerError):
    """What was asked for cannot be carried out as asked."""

    kind = "usage"
    exit_status = 2


class RequestRefusedError(UsageError):
    """The provider can make nothing of what it was asked."""

    kind = "bad_request"


class ConflictError(UsageError):
    """Somebody else changed it since it was read; nothing was overwritten."""

    kind = "conflict"


class FaultyFileError(UsageError):
    """A file of the person's that cannot be taken; ``faults`` are sentences, each saying one thing to mend."""

    kind = "faulty_file"

    def __init__(self, message: str, next_step: str, faults: Sequence[str]) -> None:
        super().__init__(message, next_step)
        self.faults = tuple(faults)


class KeyRefusedError(QaPlayerError):
    """The provider refused the key."""

    kind = "auth_invalid"
    exit_status = 3


class NotFoundError(QaPlayerError):
    """It does not exist, or this key may not see it; providers do not say which."""

    kind = "not_found_or_forbidden"
    exit_status = 4


class NoRecordingError(NotFoundError):
    """The session exists and has no recording."""

    kind = "no_audio"


class GoneError(QaPlayerError):
    """It existed and is gone for good; asking again is useless."""

    kind = "gone"
    exit_status = 5


class NotReadyError(QaPlayerError):
    """It is being made and may be there later."""

    kind = "not_ready"
    exit_status = 6


class NetworkError(QaPlayerError):
    """Nothing usable came over the network."""

    kind = "transient"
    exit_status = 7


class RateLimitedError(NetworkError):
    """The provider asked us to slow down; ``pause_s`` is how long it wants to be left alone, null when it is unsaid."""

    kind = "rate_limited"

    def __init__(self, message: str, next_step: str, *, pause_s: float | None = None) -> None:
        super().__init__(message, next_step)
        self.pause_s = pause_s


class QuotaError(NetworkError):
    """The provider's quota is used up."""

    kind = "quota"


class AddressExpiredError(NetworkError):
    """A presigned address was refused, and so was its renewal."""

    kind = "url_expired"


class UnexpectedAnswerError(NetworkError):
    """An answer that is not what the provider's document promises: a sign-in page, other JSON, a lying length."""

    kind = "contract"


class RecordingReplacedError(NetworkError):
    """The provider exchanged the recording for another while it was being read; opening it again reads the new one."""

    kind = "replaced"


class IntegrityError(QaPlayerError):
    """Bytes or records are not the ones that were written."""

    kind = "integrity"
    exit_status = 8


class MediaError(IntegrityError):
    """A recording that is not sound we can decode."""

    kind = "media"


class StorageError(QaPlayerError):
    """The disk, the keychain or the database would not serve."""

    kind = "storage"
    exit_status = 9


class DiskFullError(StorageError):
    """No space is left where it was to be written."""

    kind = "disk_full"


class KeychainError(StorageError):
    """The operating system's keychain would not serve.

    ``state`` is one of ``absent``, ``locked``, ``denied``, ``refused_backend``, ``not_kept``, ``missing``.
    """

    kind = "keychain"

    def __init__(self, message: str, next_step: str, *, state: str) -> None:
        super().__init__(message, next_step)
        self.state = state


class DatabaseError(StorageError):
    """The database would not open or answer."""

    kind = "database"
