"""What a stand-in can be told to do wrong. Each switch really does it; all are off until a test turns one on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Faults:
    """Switches of one origin, read anew for every request. Times in seconds, sizes in bytes of the body."""

    latency_s: float = 0.0
    """Every answer waits this long before its first byte."""
    bytes_per_second: int | None = None
    """Bodies come no faster than this."""
    cut_after: int | None = None
    """The line breaks after so many bytes of each body."""
    cut_once_after: int | None = None
    """As `cut_after`, for one answer only."""
    stall_after: int | None = None
    """The body stops after so many bytes and the line stays open until `stall_s` is over."""
    stall_s: float = 2.0
    status: int | None = None
    """Every answer has this status and a body of no use."""
    retry_after: str | None = None
    """Sent with `status` 429 or 503."""
    times: int | None = None
    """How often `status` is answered before things go well again; null means always."""
    captive_portal: bool = False
    """200 with a page that asks for sign-in, whatever was asked for."""
    replace_body: bytes | None = None
    """200 with these bytes and the content type that was expected."""
    truncate_to: int | None = None
    """The recording itself is only so long, and honest about it."""
    no_ranges: bool = False
    """A request for a range is answered with the whole."""
    no_length: bool = False
    """Bodies come in chunks, their length is not said."""

    def taken_status(self) -> int | None:
        """The status to answer now, counted down where it is to happen only a few times."""
        if self.status is None or self.times == 0:
            return None
        if self.times is not None:
            self.times -= 1
        return self.status

    def taken_cut(self) -> int | None:
        """After how many bytes to break this answer off."""
        if self.cut_once_after is not None:
            cut, self.cut_once_after = self.cut_once_after, None
            return cut
        return self.cut_after
