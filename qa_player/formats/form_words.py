"""Forms and tag sets in lines for a person: what is asked, what it weighs, what a tag means."""

from __future__ import annotations

from collections.abc import Iterator

from qa_player.model.form import Form, Question, Weighing, percent
from qa_player.model.tag_set import TagSet


def form_lines(form: Form) -> Iterator[str]:
    """Its questions with their ids, answers and weights. Text from outside stands in the lines as it is."""
    mark = f", passes at {form.pass_mark} %" if form.pass_mark is not None else ""
    yield f"{form.title}  {form.form_id} version {form.version}{mark}"
    for section in form.sections:
        yield ""
        yield section.title + (f"  {percent(section.weight)}" if form.weighing is Weighing.SECTIONS else "")
        for one in section.questions:
            weight = f"  {percent(one.weight)}" if form.weighing is Weighing.QUESTIONS and one.weight else ""
            yield f"  {one.question_id}  {one.title}{weight}{_marks(one)}"
            answers = (f"{option.option_id} {option.label}" for option in one.options)
            yield f"    {' · '.join(answers) or 'in words'}"


def _marks(one: Question) -> str:
    return "".join(
        (
            ", critical" if one.critical else "",
            ", may not apply" if one.may_not_apply else "",
            f", only after {one.asked_when.question_id}" if one.asked_when else "",
        )
    )


def tag_set_lines(tag_set: TagSet) -> Iterator[str]:
    """Its tags with their keys, colours and meanings."""
    yield f"{tag_set.title}  {tag_set.set_id}"
    if tag_set.description:
        yield tag_set.description
    yield ""
    for tag in tag_set.tags:
        key = "-" if tag.key is None else tag.key
        yield f"{key}  {tag.name}  {tag.colour.value}  {tag.description}".rstrip()
