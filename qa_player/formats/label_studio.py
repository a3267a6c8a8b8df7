"""Label Studio's JSON: one task with its regions; tags are labels, what was written of them a text on the same region.

Source: Label Studio's documentation of its JSON and of the ``Audio``, ``Labels`` and ``TextArea`` tags: times are
seconds, ``original_length`` is the recording's, results of one region share its ``id``. `LABELLING` is the
configuration that shows such a task.
"""

from __future__ import annotations

import json

from qa_player.formats.provenance import provenance
from qa_player.formats.session_object import instant_text
from qa_player.model.annotation import Annotation
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
        for name, kind, value in told
    ]
