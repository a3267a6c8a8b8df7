"""Which colour an annotation has: that of its severity, else that of its tag in the set in force."""

from __future__ import annotations

from qa_player.model.annotation import Annotation, Severity
from qa_player.model.tag_set import TagColour, TagSet

Shade = Severity | TagColour | None


class TagColours:
    """A tag that stands in no set has no colour of its own."""

    def __init__(self, tag_set: TagSet | None = None) -> None:
        self._of_tag = {} if tag_set is None else {tag.name.casefold(): tag.colour for tag in tag_set.tags}

    def of(self, annotation: Annotation) -> Shade:
        """How bad it is comes before what it is."""
        return annotation.severity or self._of_tag.get(annotation.tag.casefold())


NO_COLOURS = TagColours()
"""Before a set is in force: only severities have colours."""
