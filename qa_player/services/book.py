"""What is known of one session while it is reviewed: its annotations and the steps that can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from qa_player.errors import NotFoundError
from qa_player.model.annotation import Annotation
from qa_player.services.library import OpenSession
from qa_player.services.steps import next_step


def same(one: Annotation | None, other: Annotation | None) -> bool:
    """Whether they say the same; when and how often it was saved is not asked."""
    if one is None or other is None:
        return one is other
    return one.model_copy(update={"revision": other.revision, "updated_at": other.updated_at}) == other


def _by_start(annotation: Annotation) -> tuple[bool, int, datetime, str]:
    return (
        annotation.start_ms is None,
        annotation.start_ms or 0,
        annotation.created_at,
        annotation.annotation_id,
    )


def told(annotation: Annotation, *, exists: bool) -> dict[str, JsonValue]:
    """What the trail is told of an annotation beside its content; ``exists`` is whether it is there afterwards."""
    return {
        "kind": annotation.kind.value,
        "start_ms": annotation.start_ms,
        "end_ms": annotation.end_ms,
        "revision": annotation.revision,
        "exists": exists,
        **({"private": True} if annotation.private else {}),
    }


@dataclass(frozen=True)
class Change:
    """One step that can be taken back: null before is an addition, null after a deletion; ``number`` orders it among
    all that was done."""

    annotation_id: str
    before: Annotation | None
    after: Annotation | None
    number: int = field(default_factory=next_step, compare=False)


@dataclass
class Book:
    """What is known of one session while it is worked on. A change belongs to the book it was begun in."""

    session: OpenSession
    annotations: tuple[Annotation, ...] = ()
    done: list[Change] = field(default_factory=list)
    undone: list[Change] = field(default_factory=list)

    def found(self, annotation_id: str) -> Annotation | None:
        """The annotation as it is now; null when there is none."""
        return next((entry for entry in self.annotations if entry.annotation_id == annotation_id), None)

    def known(self, annotation_id: str) -> Annotation:
        """The annotation as it is now; raises NotFoundError."""
        found = self.found(annotation_id)
        if found is None:
            raise NotFoundError("This annotation does not exist any more.", "Read the list again.")
        return found

    def put(self, annotation_id: str, wanted: Annotation | None) -> None:
        """Let the annotation be ``wanted``, or be gone."""
        kept = [entry for entry in self.annotations if entry.annotation_id != annotation_id]
        self.annotations = tuple(sorted([*kept, wanted] if wanted else kept, key=_by_start))
