"""Which formats there are: a name people type, the ending of its files, what it carries and what writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qa_player.errors import UsageError
from qa_player.formats import (
    audacity,
    csv_table,
    eaf,
    html_report,
    json_lines,
    label_studio,
    native_json,
    plain_text,
    rttm,
    spreadsheet,
    srt,
    textgrid,
    webvtt,
)
from qa_player.formats.losses import EVERYTHING, Field
from qa_player.model.review import Review

_ROWS = frozenset({Field.ANNOTATIONS, Field.UNTIMED_ANNOTATIONS, Field.QUOTES, Field.AUTHORS})
_TIERS = frozenset({Field.TURNS, Field.WORDS, Field.ANNOTATIONS, Field.PROVENANCE})
_PAGE = EVERYTHING - {Field.RAW_TIMES, Field.FACTS, Field.COVERAGE, Field.DELAYS, Field.EXTRA}


@dataclass(frozen=True)
class Format:
    """``write`` turns a review into the bytes of a file; it does no input or output of its own. What is ``printed`` is
    a page of HTML that has to be made a PDF."""

    name: str
    ending: str
    holds: str
    write: Callable[[Review], bytes]
    carries: frozenset[Field] = EVERYTHING
    printed: bool = False


FORMATS: Mapping[str, Format] = {
    entry.name: entry
    for entry in (
        Format("json", ".json", "everything, one document", native_json.write),
        Format("jsonl", ".jsonl", "annotations, one a line", json_lines.write, _ROWS),
        Format("csv", ".csv", "annotations as a table", csv_table.write, _ROWS),
        Format(
            "xlsx",
            ".xlsx",
            "annotations as a workbook",
            spreadsheet.write,
            _ROWS | {Field.PROVENANCE},
        ),
        Format(
            "vtt",
            ".vtt",
            "turns as captions, annotations as notes",
            webvtt.write,
            EVERYTHING
            - {Field.QUOTES, Field.FACTS, Field.NOTE, Field.COVERAGE, Field.SCORECARDS, Field.DELAYS, Field.EXTRA},
        ),
        Format("textgrid", ".TextGrid", "turns and annotations as Praat's tiers", textgrid.write, _TIERS),
        Format("eaf", ".eaf", "turns and annotations as ELAN's tiers", eaf.write, _TIERS),
        Format("srt", ".srt", "turns as captions", srt.write, frozenset({Field.TURNS, Field.WORDS})),
        Format("rttm", ".rttm", "who spoke when", rttm.write, frozenset({Field.TURNS, Field.PROVENANCE})),
        Format(
            "txt",
            ".txt",
            "turns as plain text",
            plain_text.write,
            frozenset({Field.TURNS, Field.WORDS, Field.UNTIMED_TURNS, Field.PROVENANCE}),
        ),
        Format(
            "audacity",
            ".txt",
            "annotations as a label track",
            audacity.write,
            frozenset({Field.ANNOTATIONS}),
        ),
        Format(
            "label-studio",
            ".json",
            "annotations as a Label Studio task",
            label_studio.write,
            frozenset({Field.ANNOTATIONS, Field.QUOTES, Field.AUTHORS, Field.EXTRA, Field.PROVENANCE}),
        ),
        Format("html", ".html", "the review as a page to be read and signed", html_report.write, _PAGE),
        Format("pdf", ".pdf", "the review as a document to be signed", html_report.write, _PAGE, printed=True),
    )
}


def format_named(name: str) -> Format:
    """The format of that name; raises UsageError naming those there are."""
    found = FORMATS.get(name)
    if found is None:
        raise UsageError(f"There is no format called “{name[:40]}”.", f"Choose one of: {', '.join(FORMATS)}.")
    return found
