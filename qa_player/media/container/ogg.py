"""Pages of an ogg file: where its headers end, where another file was joined on."""

from __future__ import annotations

from qa_player.errors import MediaError
from qa_player.media.container.headers import MediaFile, read_exactly

_PAGE = b"OggS\x00"
_FIRST, _LAST = 0x02, 0x04
_MOST_HEADER_PAGES = 64
_MOST_HEADER_BYTES = 4 << 20
"""Comments may hold a picture; more than that is not waited for."""


def headers_at(file: MediaFile, start: int) -> bytes:
    """The header pages of the stream that begins at ``start``: all before the first page that has sound.

    Raises MediaError when no stream begins there, and what reading raises.
    """
    file.seek(start)
    pages: list[bytes] = []
    for _ in range(_MOST_HEADER_PAGES):
        head = read_exactly(file, 27)
        if len(head) < 27 or not head.startswith(_PAGE) or (not pages and not head[5] & _FIRST):
            break
        if head[6:14] not in (bytes(8), b"\xff" * 8):
            return b"".join(pages)
        sizes = read_exactly(file, head[26])
        pages.append(head + sizes + read_exactly(file, sum(sizes)))
        if sum(map(len, pages)) > _MOST_HEADER_BYTES:
            break
    raise _unreadable()


def stream_from(file: MediaFile, head: int, page: int) -> bytes:
    """The headers at ``head`` and the first bytes of ``page``, behind which ``file`` goes on with the rest.

    Raises MediaError where no page begins, or a stream's last one: from that alone nobody can tell when it sounds.
    """
    pages = headers_at(file, head)
    file.seek(page)
    begun = read_exactly(file, 6)
    if not begun.startswith(_PAGE) or len(begun) < 6 or begun[5] & _LAST:
        raise _unreadable()
    return pages + begun


def is_chained(file: MediaFile) -> bool:
    """Whether the last page belongs to another stream than the first: several files joined end to end."""
    size = file.size
    if size is None:
        return False
    file.seek(0)
    first = read_exactly(file, 27)
    begin = max(0, size - 65_536)
    file.seek(begin)
    tail = read_exactly(file, size - begin)
    last = tail.rfind(_PAGE)
    return len(first) == 27 and 0 <= last <= len(tail) - 27 and tail[last + 14 : last + 18] != first[14:18]


class HeadWatch:
    """Notices in bytes that pass where streams begin; one piece after another, or from anywhere.

    >>> watch = HeadWatch()
    >>> watch.passed(0, b"OggS" + bytes([0])), watch.passed(5, bytes([2]) + bytes(20))
    ([], [0])
    """

    _MARK = _PAGE + bytes([_FIRST])

    def __init__(self) -> None:
        self._end = -1
        self._left = b""

    def passed(self, start: int, piece: bytes) -> list[int]:
        """The places of first pages that end in ``piece``, which stands at ``start`` of the file."""
        kept = self._left if start == self._end else b""
        joined = kept + piece
        found = []
        at = -1
        while (at := joined.find(self._MARK, at + 1)) >= 0:
            found.append(start - len(kept) + at)
        self._end = start + len(piece)
        self._left = joined[-(len(self._MARK) - 1) :]
        return found


def _unreadable() -> MediaError:
    return MediaError("The recording's pages could not be read.", "Fetch it again, or ask the provider for the file.")
