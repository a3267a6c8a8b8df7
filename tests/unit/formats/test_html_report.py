"""The page to be signed: whatever is in a review is text in it, and it names no address outside."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from parts.forms import answers, form, yes_no
from parts.reviews import small_review as review
from parts.stored import NOON
from qa_player.formats import html_report
from qa_player.formats.registry import FORMATS
from qa_player.model.annotation import Span
from qa_player.model.scorecard import Scorecard
from qa_player.model.scoring import result_of

HOSTILE = "<script>alert(1)</script>&amp;\u202e{{ 7 * 7 }}\x00<img src=https://evil.example/x>"


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def parsed(page: bytes) -> _Words:
    words = _Words()
    words.feed(page.decode())
    return words


def test_everything_of_a_review_stands_in_it_once() -> None:
    kept = review()
    words = " ".join(parsed(html_report.write(kept)).words)
    for turn in kept.turns:
        assert " ".join(turn.text.replace("\x00", "⟨0⟩").split())[:20] in " ".join(words.split())
    for one in kept.annotations:
        assert one.tag in words
    assert kept.transcript_digest in words
    assert kept.tool in words


def test_text_from_outside_is_text_and_nothing_is_loaded() -> None:
    kept = review()
    session = kept.session.model_copy(update={"title": HOSTILE, "agent": HOSTILE})
    annotations = tuple(one.model_copy(update={"text": HOSTILE, "tag": HOSTILE[:90]}) for one in kept.annotations)
    turns = tuple(turn.model_copy(update={"text": HOSTILE}) for turn in kept.turns)
    changed = kept.model_copy(update={"session": session, "annotations": annotations, "turns": turns})
    page = html_report.write(changed)
    found = parsed(page)
    assert found.tags.isdisjoint({"script", "img", "link", "iframe", "a", "object"})
    assert found.attributes.isdisjoint({"src", "href", "onload", "onerror"})
    assert "\u202e" not in page.decode()
    assert "\x00" not in page.decode()
    words = "".join(found.words)
    assert "<script>alert(1)</script>&amp;⟨202E⟩{{ 7 * 7 }}⟨0⟩<img" in words
    assert re.findall(r"(?:src|href|url\()\s*=?\s*[\"']?https?:", re.sub(r">[^<]*<", "><", page.decode())) == []


def test_a_scorecard_says_what_each_answer_rests_on() -> None:
    asked = form((0, (yes_no("greet", 4_000), yes_no("solve", 6_000))), pass_mark=50)
    given = answers(greet="yes", solve="no")
    given["solve"] = given["solve"].model_copy(update={"spans": (Span(start_ms=61_230, end_ms=62_000),)})
    card = Scorecard(
        scorecard_id="c",
        connection="acme",
        session_id="s",
        form=asked,
        form_digest="0" * 64,
        author="Rita",
        created_at=NOON,
        updated_at=NOON,
        submitted_at=NOON,
        answers=tuple(given.values()),
        result=result_of(asked, given),
    )
    words = " ".join(parsed(html_report.write(review().model_copy(update={"scorecards": (card,)}))).words)
    assert "40 %, not passed." in words
    assert "1:01.23–1:02.00" in words
    assert "does not count" not in words
    later = card.model_copy(update={"scorecard_id": "d", "replaces": "c"})
    both = html_report.write(review().model_copy(update={"scorecards": (card, later)})).decode()
    assert both.count("It does not count: a later one replaced it.") == 1


def test_a_comment_of_any_length_is_whole() -> None:
    kept = review()
    (first, *_) = kept.annotations
    long = first.model_copy(update={"text": "word " * 40_000})
    page = html_report.write(kept.model_copy(update={"annotations": (long,)})).decode()
    assert page.count("word ") >= 39_999


@pytest.mark.parametrize("name", ["html", "pdf"])
def test_what_is_not_in_it_is_told(name: str) -> None:
    from qa_player.formats.losses import Field

    assert Field.COVERAGE not in FORMATS[name].carries
    assert Field.ANNOTATIONS in FORMATS[name].carries
