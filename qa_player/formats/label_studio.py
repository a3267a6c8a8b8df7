"""Label Studio's JSON: one task with its regions; tags are labels, what was written of them a text on the same region.

Source: Label Studio's documentation of its JSON and of the ``Audio``, ``Labels`` and ``TextArea`` tags: times are
seconds, ``original_length`` is the recording's, results of one region share its ``id``. `LABELLING` is the
configuration that shows such a task.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from qa_player.formats.annotation_file import GivenAnnotation, GivenAnnotations
from qa_player.formats.provenance import provenance
from qa_player.formats.session_object import instant_text
from qa_player.formats.transcript_file import json_of, mapping, milliseconds, objects, text, unreadable
from qa_player.model.annotation import Annotation, Severity
from qa_player.model.review import Review

LABELLING = """<View>
  <Audio name="audio" value="$audio"/>
  <Labels name="tag" toName="audio"/>
  <Choices name="severity" toName="audio" perRegion="true">
    <Choice value="minor"/><Choice value="major"/><Choice value="critical"/>
  </Choices>
  <TextArea name="text" toName="audio" perRegion="true"/>
</View>"""
"""Labels are read out of the tasks; ``audio`` is the session's id: where the file lies is for the reader to say."""


KINDS = {"labels": "labels", "choices": "choices", "textarea": "text"}
"""The types of result that we read, and the field of their value that says what was said."""

_PLACE = frozenset({"start", "end", "channel"})
_OURS = frozenset({"id", "from_name", "to_name", "type", "original_length", "value", "meta", "origin"})


def write(review: Review) -> bytes:
    """UTF-8: a list of one task. Annotations without a time have no region; `losses` tells of them."""
    length = (review.session.duration_ms or 0) / 1000
    results = [result for one in review.annotations if one.start_ms is not None for result in _results(one, length)]
    task = {
        "data": {"audio": review.session.session_id, "title": review.session.title} | {"qa_player": provenance(review)},
        "annotations": [{"result": results, "completed_by": review.exported_by}],
        "meta": {"labelling": LABELLING},
    }
    return json.dumps([task], ensure_ascii=False, allow_nan=False, indent=2).encode() + b"\n"


def read(data: bytes) -> GivenAnnotations:
    """The regions of one task, or of a list of one: results that share an ``id`` are one annotation.

    What a result holds that an annotation has no place for stays with it as ``extra``. Raises UsageError.
    """
    document = json_of(data)
    tasks = [mapping(document)] if isinstance(document, dict) else objects(document)
    if len(tasks) != 1:
        unreadable("it holds no task, or more than one")
    by_region: dict[str, list[Mapping[str, Any]]] = {}
    not_carried: set[str] = set()
    for round_of_work in objects(tasks[0].get("annotations")):
        for result in objects(round_of_work.get("result")):
            if result.get("type") in KINDS and mapping(result.get("value")).get("start") is not None:
                by_region.setdefault(text(result.get("id")) or f"#{len(by_region)}", []).append(result)
            else:
                not_carried.add(f"results of type {text(result.get('type'))[:40] or 'none'}")
    items: list[GivenAnnotation] = []
    problems: list[str] = []
    for place, (region, results) in enumerate(by_region.items(), 1):
        item = _item(place, region, results)
        if item is None:
            problems.append(f"Region {place} has no start that can be read.")
        else:
            items.append(item)
    about = mapping(mapping(tasks[0].get("data")).get("qa_player"))
    return GivenAnnotations(
        tuple(items), tuple(problems), tuple(sorted(not_carried)), text(about.get("session")) or None
    )


def _item(place: int, region: str, results: list[Mapping[str, Any]]) -> GivenAnnotation | None:
    told: dict[str, list[str]] = {kind: [] for kind in KINDS}
    extra: dict[str, JsonValue] = {}
    for result in results:
        value = mapping(result.get("value"))
        kind = str(result["type"])
        said = value.get(KINDS[kind])
        told[kind] += [text(one) for one in said] if isinstance(said, list) else [text(said)]
        extra |= {name: one for name, one in value.items() if name not in _PLACE | {KINDS[kind]}}
        extra |= {name: one for name, one in result.items() if name not in _OURS}
    value, meta = mapping(results[0].get("value")), mapping(results[0].get("meta"))
    start_ms, end_ms = milliseconds(value.get("start")), milliseconds(value.get("end"))
    if start_ms is None:
        return None
    if value.get("channel"):
        extra["channel"] = value["channel"]
    severity = next((one for one in told["choices"] if one in set(Severity)), None)
    return GivenAnnotation(
        place,
        start_ms,
        end_ms if end_ms is not None and end_ms > start_ms else None,
        ", ".join(filter(None, told["labels"]))[:200] or "note",
        "\n".join(filter(None, told["textarea"])),
        None if severity is None else Severity(severity),
        annotation_id=None if region.startswith("#") else region,
        author=text(meta.get("author")) or None,
        extra=extra,
    )


def _results(annotation: Annotation, length: float) -> list[dict[str, object]]:
    start_ms = annotation.start_ms or 0
    region = {
        "start": start_ms / 1000,
        "end": (start_ms if annotation.end_ms is None else annotation.end_ms) / 1000,
        "channel": 0,
    }
    about = {
        "author": annotation.author,
        "created_at": instant_text(annotation.created_at),
        "updated_at": instant_text(annotation.updated_at),
        "turn_index": annotation.turn_index,
        "quote": annotation.quote,
    }
    told: list[tuple[str, str, dict[str, object]]] = [("tag", "labels", {"labels": [annotation.tag]})]
    if annotation.severity is not None:
        told.append(("severity", "choices", {"choices": [annotation.severity.value]}))
    if annotation.text:
        told.append(("text", "textarea", {"text": [annotation.text]}))
    return [
        {
            "id": annotation.annotation_id,
            "from_name": name,
            "to_name": "audio",
            "type": kind,
            "original_length": length,
            "value": region | value,
            "meta": about,
        }
        | {key: kept for key, kept in annotation.extra.items() if key not in _OURS}
        for name, kind, value in told
    ]
