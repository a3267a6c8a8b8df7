"""What the digits 1 to 9 mean: the tags of the set in force, then those that were used in the session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from qa_player.model.annotation import Annotation, AnnotationKind
from qa_player.model.tag_set import TagSet
from qa_player.ui.theme import Tokens
from qa_player.ui.widgets.chips import ChipRow

_MOST_USED = 20


def digits_of(tag_set: TagSet | None, used: Sequence[str]) -> dict[int, str]:
    """The tag of each digit; those of ``used`` that stand in no set take the digits that are free, in their order."""
    keyed = {} if tag_set is None else tag_set.by_digit()
    found = {digit: tag.name for digit, tag in keyed.items()}
    free = [digit for digit in range(1, 10) if digit not in found]
    others = [tag for tag in used if tag_set is None or tag_set.named(tag) is None]
    return dict(sorted((found | dict(zip(free, others, strict=False))).items()))


def offered(tag_set: TagSet | None, digits: dict[int, str], used: Sequence[str]) -> list[tuple[str, str]]:
    """``(tag, what its chip reads)``: those with a digit, the others of the set, then what was used beside it."""
    others = () if tag_set is None else (tag.name for tag in tag_set.tags)
    rest = [tag for tag in dict.fromkeys([*others, *used]) if tag not in digits.values()]
    return [*((tag, f"{digit} {tag}") for digit, tag in digits.items()), *((tag, tag) for tag in rest)]


class TagOffer:
    """The tags that are one press away: ``digits`` by their keys, ``tags`` all of them in their order."""

    def __init__(self, chips: ChipRow) -> None:
        self.tag_set: TagSet | None = None
        self.digits: dict[int, str] = {}
        self.tags: tuple[str, ...] = ()
        self._chips = chips

    def show(self, annotations: Sequence[Annotation], tokens: Tokens) -> None:
        """Offer the tags of the set, and those that were used in the session beside it."""
        tags = Counter(one.tag for one in annotations if one.kind is not AnnotationKind.CORRECTION)
        used = [tag for tag, _ in tags.most_common(_MOST_USED)]
        self.digits = digits_of(self.tag_set, used)
        offer = offered(self.tag_set, self.digits, used)
        self.tags = tuple(tag for tag, _ in offer)
        self._chips.show_chips(offer)
        for name in self.tags:
            known = None if self.tag_set is None else self.tag_set.named(name)
            colour = "" if known is None else tokens.mark(known.colour)
            self._chips.dress(name, colour=colour, hint="" if known is None else known.description)
