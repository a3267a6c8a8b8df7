"""Which of a session's annotations somebody wants to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_player.model.annotation import Annotation, AnnotationKind, Severity


@dataclass(frozen=True)
class AnnotationFilter:
    """Every field narrows; the empty filter leaves all.

    ``text`` is sought in tag, comment, quote and author, whatever its case; ``severity`` is one of them or
    ``none`` for annotations without; ``tag`` is compared whatever its case.
    """

    text: str = ""
    tag: str | None = None
    severity: Severity | str | None = None
    kind: AnnotationKind | None = None
    author: str | None = None

    def __bool__(self) -> bool:
        return self != AnnotationFilter()

    def leaves(self, one: Annotation) -> bool:
        """Whether ``one`` is seen."""
        words = self.text.casefold().split()
        sought = "\n".join((one.tag, one.text, one.quote, one.author)).casefold()
        return (
            all(word in sought for word in words)
            and (self.tag is None or one.tag.casefold() == self.tag.casefold())
            and (self.severity is None or self.severity == (one.severity or "none"))
            and (self.kind is None or one.kind is self.kind)
            and (self.author is None or one.author == self.author)
        )

    def of(self, annotations: Sequence[Annotation]) -> tuple[Annotation, ...]:
        """Those that are seen, in their order."""
        return tuple(annotations) if not self else tuple(one for one in annotations if self.leaves(one))


def next_of(annotations: Sequence[Annotation], position_ms: float, *, by: int, current: str = "") -> Annotation | None:
    """The annotation one step on (``by`` 1) or back (-1) from the playhead, among those that have a time.

    ``current`` is the id of the one the cursor is on: where the playhead is at its beginning, others that begin at
    the same moment are steps of their own.
    """
    timed = [one for one in annotations if one.start_ms is not None]
    at = next((at for at, one in enumerate(timed) if one.annotation_id == current), None)
    if at is not None and abs((timed[at].start_ms or 0) - position_ms) <= 1:
        return timed[at + by] if 0 <= at + by < len(timed) else None
    if by > 0:
        return next((one for one in timed if (one.start_ms or 0) > position_ms + 1), None)
    return next((one for one in reversed(timed) if (one.start_ms or 0) < position_ms - 1), None)
