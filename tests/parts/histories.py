"""Generated lives of a recording on a network that lies, and what each lie is allowed to cost in bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from parts import lying_server as lies
from parts.lying_server import Exchange, Lie
from parts.recordings import mp3, wav

PLACES = st.integers(0, 200_000)

RECOVERABLE = st.one_of(
    st.builds(lies.cut, PLACES),
    st.builds(lies.reset, PLACES),
    st.builds(lies.drip, PLACES),
    st.builds(lies.expired),
    st.builds(lies.page, st.sampled_from([500, 502, 503, 429, 408])),
    st.builds(lies.page, st.just(200), st.just(lies.SIGN_IN)),
    st.builds(lies.honest),
)
"""Troubles that a patient fetch outlives without asking for a byte twice."""

_SLOW = st.one_of(st.builds(lies.stall, PLACES), st.builds(lies.silence))
"""Each costs a real wait, so a history has one at most."""

_SILENT_CUT = st.builds(lies.length, st.none())
"""Undetectable by itself; the same one twice is undetectable by anybody where the container has no length."""

_ELSEWHERE = {"Location": "http://169.254.169.254/latest"}

_NASTY = st.one_of(
    RECOVERABLE,
    st.builds(lies.whole),
    st.builds(lies.part, shift=st.sampled_from([-70_000, -1, 1, 70_000])),
    st.builds(lies.part, grow=st.sampled_from([-70_000, -1, 70_000])),
    st.builds(lies.part, total=st.sampled_from([-70_000, -1, 1, 70_000])),
    st.builds(lies.length, st.sampled_from([-70_000, -1, 1, 70_000])),
    st.builds(lies.chunked, ends=st.booleans()),
    st.builds(lies.page, st.sampled_from([204, 304, 401, 402, 404, 416, 451, 511])),
    st.builds(lambda status: lies.page(status, **_ELSEWHERE), st.sampled_from([301, 302, 303, 307, 308])),
    st.builds(lies.page, st.just(416), st.just(b"<html>no such range</html>")),
    st.builds(lies.page, st.just(206), st.just(lies.XML_EXPIRED), st.just("audio/ogg")),
    st.builds(lies.page, st.just(200), st.sampled_from([b"", b'{"error":1}', b"%PDF-1.7"]), st.just("audio/ogg")),
    st.builds(lies.zipped),
    st.builds(lies.multipart),
    st.builds(lies.page, st.just(410)),
)

EVERY = [
    lies.cut(20),
    lies.reset(90_000),
    lies.stall(30_000),
    lies.drip(40_000),
    lies.silence(),
    lies.whole(),
    lies.part(shift=-1),
    lies.part(shift=70_000),
    lies.part(grow=-70_000),
    lies.part(total=1),
    lies.length(-70_000),
    lies.length(1),
    lies.length(None),
    lies.chunked(ends=False),
    lies.chunked(ends=True),
    lies.zipped(),
    lies.multipart(),
    lies.expired(),
    lies.replaced(wav(150_000, seed=2), '"v2"'),
    lies.swapped(wav(150_000, seed=2), '"v2"'),
    lies.swapped(wav(130_000, seed=3), '"v3"'),
    lies.page(302, **_ELSEWHERE),
    lies.page(416, b"<html>no such range</html>"),
    lies.page(200, lies.SIGN_IN, "audio/ogg"),
    lies.page(503),
    lies.page(410),
]
"""Each is told at the beginning and after a cut, whatever is generated."""


@dataclass(frozen=True, repr=False)
class History:
    """``data`` is what the server has at first, ``begin`` where somebody begins to listen."""

    script: Sequence[Lie]
    data: bytes
    etag: str | None = '"v1"'
    ranges: bool = True
    begin: int = 0

    def __repr__(self) -> str:
        """Short enough to be printed, and enough to tell it again."""
        script = ", ".join(map(lies.spelled, self.script))
        served = "with ranges" if self.ranges else "without ranges"
        kind = "wav" if self.data.startswith(b"RIFF") else "mp3"
        return f"<{len(self.data)} bytes of {kind} {self.etag} {served}, heard from {self.begin}: {script}>"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))


def _never_twice_the_same_length(script: list[Lie]) -> list[Lie]:
    """A wrong length that is told again and again is to everybody else the length."""
    seen: set[int] = set()
    kept = []
    for lie in script:
        off = lies.misstates(lie)
        if off not in seen:
            kept.append(lie)
        seen |= {off} if off else set()
    return kept


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Six lies at most, one of them slow or a change of the recording, told to a fetch and a listener."""
    container = draw(st.sampled_from([wav, mp3]))
    sizes = st.one_of(st.integers(100, 220_000), st.integers(60_000, 220_000), st.integers(300_000, 800_000))
    data = container(draw(sizes))
    etag = draw(st.sampled_from(['"v1"', '"v1"', 'W/"v1"', None]))
    script = draw(st.lists(_NASTY, max_size=6).map(_never_twice_the_same_length))
    another = draw(st.sampled_from([lies.replaced, lies.swapped] if etag == '"v1"' else [lies.replaced]))
    extra = draw(
        st.sampled_from(
            [
                None,
                None,
                None,
                draw(_SLOW),
                draw(_SILENT_CUT),
                another(container(len(data), seed=2), None if etag is None else etag.replace("1", "2")),
                another(container(len(data) + 1_000, seed=3), None if etag is None else etag.replace("1", "3")),
            ]
        )
    )
    if extra is not None:
        script.insert(draw(st.integers(0, len(script))), extra)
    ranges = draw(st.sampled_from([True, True, False]))
    return History(script, data, etag, ranges, draw(st.integers(0, len(data))))


_OWN = frozenset({"page", "expired", "zipped", "multipart"})
_ALL_BEFORE = frozenset({"replaced", "swapped", "length"})
_UNCONFIRMED = frozenset({"length", "chunked"})


def destroyed(exchanges: Sequence[Exchange], received: Sequence[int], size: int) -> int:
    """How many of the bytes ``received`` for each of ``exchanges`` the lies made worthless; ``size`` is the whole.

    * a page, a compressed or a multipart answer: its own bytes;
    * a part that is not what was asked for: its own bytes; one that misstates the length: also all before, because two
      statements stand against one another;
    * another recording, or a whole with a wrong length: all before it, and its own;
    * a whole instead of a part: what went before the asked place;
    * a whole of which nobody says the length: once more the whole, to see whether it was cut; from then on also the
      bytes of every answer that is not the whole, because that second look must come in one piece.

    Cuts, resets, stalls, drips and refusals destroy nothing: what came before them counts.
    """
    lost, unconfirmed = 0, 0
    for number, (exchange, count) in enumerate(zip(exchanges, received, strict=True)):
        start = exchange.asked[0] if exchange.asked else 0
        if exchange.lie in _ALL_BEFORE or (exchange.lie == "part" and exchange.misstates):
            lost = sum(received[: number + 1])
        elif exchange.lie in _OWN or exchange.lie == "part" or (unconfirmed and count < size - start):
            lost += count
        elif exchange.status == 200:
            lost += min(start, count)
        if exchange.lie in _UNCONFIRMED:
            unconfirmed = size
    return lost + unconfirmed
