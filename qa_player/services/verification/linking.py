"""Which turns a statement may rest on and how doubtful it is; and which turns stand in no statement."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from qa_player.model.statement import Candidate, Linked, Statement, Unmentioned
from qa_player.model.transcript import Role, Turn
from qa_player.model.wording import listed
from qa_player.services.verification.marks import Marks, as_written, marks_of, stem
from qa_player.services.verification.words import ALERTS

MOST_CANDIDATES = 3
LIKE_ENOUGH = 86.0
"""From this likeness of 100 on two spellings are one word: recognisers misspell drugs."""
_ALERTS = frozenset(map(stem, ALERTS))
_QUIET = (Role.SYSTEM, Role.TOOL)


@dataclass(frozen=True)
class Passage:
    """A turn, and with it the answer to what it asks; ``spoken`` is the turn where it is to be heard."""

    spoken: int
    text: str
    marks: Marks


class Conversation:
    """The passages of a conversation and how rare its words are."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        said = [turn for turn in turns if turn.text.strip() and turn.role not in _QUIET]
        self.passages = _passages(said)
        self.said = [(turn, marks_of(turn.text)) for turn in said]
        self._seen = Counter(word for _, marks in self.said for word in marks.stems)
        self.words = frozenset(self._seen)
        self.numbers = frozenset(number for _, marks in self.said for number in marks.numbers)
        self.drugs = frozenset(drug for _, marks in self.said for drug in marks.drugs)

    def weight(self, word: str) -> float:
        """A word weighs the more the fewer turns have it."""
        return 0.6 + math.log1p(len(self.said) / (1 + self._seen[word])) / 2


def link(statements: Sequence[Statement], turns: Sequence[Turn]) -> tuple[Linked, ...]:
    """Every statement with its candidates, the most doubtful first."""
    conversation = Conversation(turns)
    linked = [_linked(statement, conversation) for statement in statements]
    return tuple(sorted(linked, key=lambda one: (-one.doubt, one.statement.number)))


def unmentioned(statements: Sequence[Statement], turns: Sequence[Turn]) -> tuple[Unmentioned, ...]:
    """The turns of which something stands in no statement, what weighs most first."""
    conversation = Conversation(turns)
    written = [marks_of(statement.text) for statement in statements]
    found = [_missing(turn, marks, written) for turn, marks in conversation.said]
    return tuple(sorted((one for one in found if one.weight > 0), key=lambda one: (-one.weight, one.turn_index)))


def _passages(said: Sequence[Turn]) -> list[Passage]:
    passages: list[Passage] = []
    for place, turn in enumerate(said):
        marks = marks_of(turn.text)
        passages.append(Passage(turn.index, turn.text, marks))
        if marks.is_question and place + 1 < len(said):
            answer = said[place + 1]
            passages.append(
                Passage(answer.index, f"{turn.text} {answer.text}", _answered(marks, marks_of(answer.text)))
            )
    return passages


def _answered(question: Marks, answer: Marks) -> Marks:
    """A question and its answer as one: a no denies what was asked, a yes affirms it."""
    said_no = question.stems if answer.answer is False else frozenset[str]()
    asked = question.denied if answer.answer is None else said_no
    return replace(
        answer,
        stems=question.stems | answer.stems,
        denied=(asked - (answer.stems - answer.denied)) | answer.denied,
        numbers=question.numbers | answer.numbers,
        doses=question.doses | answer.doses,
        drugs=question.drugs | answer.drugs,
        sides=question.sides | answer.sides,
        is_question=False,
    )


def _linked(statement: Statement, conversation: Conversation) -> Linked:
    marks = marks_of(statement.text)
    scored = sorted(
        ((_likeness(statement.text, marks, passage, conversation), passage) for passage in conversation.passages),
        key=lambda one: (-one[0], one[1].spoken),
    )
    best: dict[int, tuple[float, Passage]] = {}
    for likeness, passage in scored:
        if likeness > 0.08 and len(best) < MOST_CANDIDATES:
            best.setdefault(passage.spoken, (likeness, passage))
    support = _support(marks, [passage for _, passage in best.values()], conversation)
    support = max([support, *(_covered(marks, [passage], conversation) for _, passage in best.values())])
    against = _against(statement.text, marks, [passage for _, passage in best.values()], conversation)
    return Linked(
        statement=statement,
        candidates=tuple(
            Candidate(turn_index=turn_index, likeness=round(100 * min(likeness, 1.0)))
            for turn_index, (likeness, _) in best.items()
        ),
        doubt=round(1 - min(support, 1.0) + sum(weight for weight, _ in against), 4),
        reasons=tuple(words for _, words in against),
    )


def _likeness(text: str, marks: Marks, passage: Passage, conversation: Conversation) -> float:
    """From 0 to 1: how much of the statement's weight the passage has, and how alike the letters are."""
    from rapidfuzz import fuzz

    covered = _covered(marks, [passage], conversation)
    letters = fuzz.token_set_ratio(text.lower(), passage.text.lower()) / 100 if covered else 0.0
    units = {unit for _, unit in marks.doses} & {unit for _, unit in passage.marks.doses}
    # another dose than the one that was said is found where a dose was said
    likeness = 0.8 * covered + 0.2 * letters + 0.3 * bool(units)
    return 0.9 * likeness if passage.marks.is_question else likeness  # what is asked is said by the answer


def _support(marks: Marks, passages: Sequence[Passage], conversation: Conversation) -> float:
    """A statement may gather what several turns said, which is a little weaker than one that said it all."""
    return 0.9 * _covered(marks, passages, conversation) if passages else 0.0


def _covered(marks: Marks, passages: Sequence[Passage], conversation: Conversation) -> float:
    words = {word for passage in passages for word in passage.marks.stems}
    numbers = {number for passage in passages for number in passage.marks.numbers}
    sides = {side for passage in passages for side in passage.marks.sides}
    total = found = 0.0
    for word in marks.stems:
        weight = conversation.weight(word) * (3.0 if word in marks.drugs else 1.0)
        total += weight
        found += weight * (_has(words, word))
    for wanted, there in ((marks.numbers, numbers), (marks.sides, sides)):
        total += 2.0 * len(wanted)
        found += 2.0 * len(wanted & there)
    return found / total if total else 0.0


def _has(words: Iterable[str], word: str) -> bool:
    from rapidfuzz import fuzz, process

    known = words if isinstance(words, set | frozenset) else set(words)
    if word in known:
        return True
    if len(word) < 6:
        return False
    return process.extractOne(word, list(known), scorer=fuzz.ratio, score_cutoff=LIKE_ENOUGH) is not None


def _against(text: str, marks: Marks, near: Sequence[Passage], conversation: Conversation) -> list[tuple[float, str]]:
    """What speaks against a statement, with its weight."""
    unsaid = (as_written(text, drug) for drug in sorted(marks.drugs) if not _has(conversation.drugs, drug))
    found = [(0.9, f"“{drug}” is said nowhere") for drug in unsaid]
    found += _wrong_numbers(marks, near, conversation)
    if near:
        flipped = _flipped(marks, near)
        if flipped:
            word = as_written(text, flipped)
            noted = f"the note denies “{word}”, and the conversation does not"
            spoken = f"“{word}” is denied in the conversation, and not in the note"
            found.append((0.9, noted if flipped in marks.denied else spoken))
        sides = {side for passage in near for side in passage.marks.sides}
        if marks.sides and sides and not marks.sides & sides:
            found.append((0.9, f"the side is said to be {listed(sorted(sides))}"))
    else:
        found.append((0.3, "nothing like it is said"))
    return found


def _wrong_numbers(marks: Marks, near: Sequence[Passage], conversation: Conversation) -> list[tuple[float, str]]:
    found: list[tuple[float, str]] = []
    units = dict(marks.doses)
    numbers = {number for passage in near for number in passage.marks.numbers}
    doses = {dose for passage in near for dose in passage.marks.doses}
    # a number that was said of something else is no dose of this
    of_it = {number for passage in near if passage.marks.drugs & marks.drugs for number in passage.marks.numbers}
    for number in sorted(marks.numbers):
        unit = units.get(number)
        words = f"{number} {unit}" if unit else number
        if number not in conversation.numbers:
            found.append((1.1 if unit else 0.8, f"{words} is said nowhere"))
        elif unit and (number, unit) not in doses and (number not in of_it if marks.drugs else number not in numbers):
            found.append((1.0, f"{words} is not said of this"))
        elif number not in numbers:
            found.append((0.4, f"{words} is not said there"))
    return found


def _flipped(marks: Marks, near: Sequence[Passage]) -> str:
    """A word that one side denies and the other does not, in the passage that is nearest to it."""
    for passage in near:
        if passage.marks.is_question:
            continue
        shared = marks.stems & passage.marks.stems
        flipped = {word for word in shared if (word in marks.denied) != (word in passage.marks.denied)}
        if flipped and len(flipped) * 2 >= len(shared):
            return min(flipped)
        if shared:
            return ""
    return ""


def _missing(turn: Turn, marks: Marks, written: Sequence[Marks]) -> Unmentioned:
    words = frozenset(word for one in written for word in one.stems)
    numbers = frozenset(number for one in written for number in one.numbers)
    drugs = [drug for drug in sorted(marks.drugs) if not _has(words, drug)]
    alerts = [word for word in sorted(marks.stems & _ALERTS) if word not in words and word not in marks.drugs]
    figures = sorted(marks.numbers - numbers)
    doses = [number for number, _ in sorted(marks.doses) if number not in numbers]
    others = [word for word in marks.stems if word not in words]
    weight = 4.0 * len(drugs) + 2.5 * len(alerts) + 1.0 * len(figures) + 2.0 * len(doses)
    weight += 0.15 * min(len(others), 10) + (0.5 if marks.denied and others else 0.0)
    if marks.sides and not any(one.sides & marks.sides for one in written):
        weight += 1.5
    if marks.is_question:
        weight *= 0.4
    reasons = [as_written(turn.text, word) for word in (*drugs, *alerts)] + figures
    return Unmentioned(
        turn_index=turn.index,
        weight=round(weight, 4) if reasons or len(others) > 2 else 0.0,
        reasons=tuple(reasons[:5]),
    )
