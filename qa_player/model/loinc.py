"""Titles of the kinds of note sections that LOINC names; a code we do not know is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "8648-8": "Hospital course",
    "8716-3": "Vital signs",
    "10154-3": "Chief complaint",
    "10157-6": "History of family member diseases",
    "10160-0": "History of medication use",
    "10164-2": "History of present illness",
    "10183-2": "Hospital discharge medications",
    "10187-3": "Review of systems",
    "11348-0": "History of past illness",
    "11369-6": "History of immunization",
    "11450-4": "Problem list",
    "11535-2": "Hospital discharge diagnosis",
    "18776-5": "Plan of care",
    "29545-1": "Physical findings",
    "29549-3": "Medications administered",
    "29762-2": "Social history",
    "30954-2": "Relevant diagnostic tests and laboratory data",
    "42348-3": "Advance directives",
    "46240-8": "History of encounters",
    "47519-4": "History of procedures",
    "48765-2": "Allergies and adverse reactions",
    "51847-2": "Evaluation and plan",
    "51848-0": "Evaluation",
    "61149-1": "Objective",
    "61150-9": "Subjective",
}


def loinc_title(code: str | None) -> str | None:
    """What LOINC calls a section of that code; null for no code and for one that is not in the table.

    >>> loinc_title("11450-4"), loinc_title("0-0"), loinc_title(None)
    ('Problem list', None, None)
    """
    return TITLES.get((code or "").strip())
