"""What was judged of a note step by step, so that it can be taken back and made again."""

from __future__ import annotations

from dataclasses import dataclass, field

from qa_player.model.statement import Verdict
from qa_player.services.steps import next_step


@dataclass(frozen=True)
class JudgedStep:
    """One judgement, amendment or strike; null before where nothing was said of the subject."""

    before: Verdict | None
    after: Verdict
    number: int = field(default_factory=next_step, compare=False)


@dataclass
class Steps:
    """Those of one note; the last of each list is the next."""

    done: list[JudgedStep] = field(default_factory=list)
    undone: list[JudgedStep] = field(default_factory=list)

    def add(self, step: JudgedStep) -> None:
        """A new step; what was undone before it is not made again."""
        self.done.append(step)
        self.undone.clear()


def said_in(verdict: Verdict | None) -> dict[str, object]:
    """What a judgement says, beside by whom and when; a null one says nothing."""
    if verdict is None:
        return {"word": None, "amended": None, "struck": False}
    return {"word": verdict.word, "amended": verdict.amended, "struck": verdict.struck}
