"""Results across sessions as they are gathered from the store, and the files they are handed on as."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from parts.desk import Desk
from parts.forms import form, yes_no
from parts.stored import NOON, session
from qa_player.errors import NotFoundError, UsageError
from qa_player.formats.results_row import COLUMNS, results_object
from qa_player.model.coverage import Sitting
from qa_player.model.results import By
from qa_player.model.scorecard import Answer, Scorecard
from qa_player.model.scoring import result_of
from qa_player.services.forms import form_digest
from qa_player.services.results import Asked, facts
from qa_player.store import coverage, scorecards, sessions

SMALL = form((0, (yes_no("greet", 10_000),)), pass_mark=50, title="=Small <b>")


def card(number: int, option: str) -> Scorecard:
    answer = Answer(question_id="greet", option_id=option)
    return Scorecard(
        scorecard_id=f"card {number}",
        connection="acme",
        session_id=f"sess_{number}",
        form=SMALL,
        form_digest=form_digest(SMALL),
        author="rita",
        created_at=NOON,
        updated_at=NOON,
        answers=(answer,),
        submitted_at=NOON,
        result=result_of(SMALL, {"greet": answer}),
    )


async def keep(desk: Desk) -> None:
    """Thirty sessions an hour apart, of which 1 to 4 are judged, 4 with a failing answer; 1 was open for 90 s."""
    sitting = Sitting(
        sitting_id="one",
        connection="acme",
        session_id="sess_1",
        actor="rita",
        login="rita",
        began_at=NOON,
        ended_at=NOON + timedelta(seconds=90),
    )
    lasting = sitting.model_copy(update={"sitting_id": "two", "session_id": "sess_2", "ended_at": None})

    def write(transaction: object) -> None:
        sessions.save_page(transaction, [session(number) for number in range(30)])  # type: ignore[arg-type]
        for number in range(1, 5):
            scorecards.add(transaction, card(number, "no" if number == 4 else "yes"))  # type: ignore[arg-type]
        for one in (sitting, lasting):
            coverage.save(transaction, one)  # type: ignore[arg-type]

    await desk.database.write(write)


async def test_what_was_judged_is_gathered_with_its_population_and_time(desk: Desk) -> None:
    await keep(desk)
    told = await desk.results.gather(Asked())
    ((row,),) = (block.rows for block in told.blocks)
    assert (row.population, row.scorecards, row.time_ms, row.timed) == (30, 4, 90_000, 1)
    assert row.passed is not None
    assert (row.passed.part, row.passed.whole) == (3, 4)
    (act,) = await desk.events("results.read")
    assert act.detail["by"] == "form"


async def test_results_are_narrowed_by_form_connection_and_the_sessions_start(desk: Desk) -> None:
    await keep(desk)
    some = await desk.results.gather(Asked(since=NOON + timedelta(hours=2), until=NOON + timedelta(hours=3)))
    assert [(row.population, row.scorecards) for row in some.blocks[0].rows] == [(2, 2)]
    assert (await desk.results.gather(Asked(connection="nobody"))).blocks == ()
    assert (await desk.results.gather(Asked(form_id="small", by=By.AGENT))).blocks[0].rows[0].label == "Ann"
    with pytest.raises(NotFoundError):
        await desk.results.gather(Asked(form_id="poem"))


async def test_tables_hold_the_same_and_run_nothing(desk: Desk, tmp_path: Path) -> None:
    await keep(desk)
    told = await desk.results.gather(Asked(by=By.QUESTION))
    for ending in ("csv", "xlsx"):
        await desk.results.export(told, tmp_path / f"results.{ending}")
    (line,) = csv.DictReader(io.StringIO((tmp_path / "results.csv").read_bytes().decode()))
    assert tuple(line) == COLUMNS
    assert (line["form_title"], line["label"]) == ("'=Small <b>", "Greet")
    assert (line["failing"], line["failing_percent"]) == ("1", "25")
    assert (line["failing_low"], line["failing_high"]) == ("4.56", "69.94"), "Wilson's interval of 1 in 4"
    book = openpyxl.load_workbook(tmp_path / "results.xlsx")
    header, row = book["Results"].iter_rows(values_only=True)
    cells = dict(zip(header, row, strict=True))
    assert (cells["form_title"], cells["population"], cells["score_percent"]) == ("=Small <b>", 30, 75)
    assert all(cell.data_type != "f" for cell in book["Results"][2])
    assert "Wilson" in dict(book["About"].iter_rows(values_only=True))["method"]
    assert [act.subject for act in await desk.events("results.exported")] == ["question", "question"]


async def test_the_page_names_its_method_and_escapes_what_came_from_outside(desk: Desk, tmp_path: Path) -> None:
    await keep(desk)
    told = await desk.results.gather(Asked(by=By.AGENT))
    await desk.results.export(told, tmp_path / "Results.HTML")
    page = (tmp_path / "Results.HTML").read_text()
    assert "=Small &lt;b&gt;" in page
    assert "<b>" not in page
    assert "3 of 4, 75.0 %" in page
    assert "Wilson" in page
    assert "http" not in page.replace("http-equiv", "")
    empty = await desk.results.gather(Asked(connection="nobody"))
    await desk.results.export(empty, tmp_path / "empty.html")
    assert "No scorecard was submitted" in (tmp_path / "empty.html").read_text()


async def test_another_ending_is_refused(desk: Desk, tmp_path: Path) -> None:
    told = await desk.results.gather(Asked())
    with pytest.raises(UsageError, match="csv"):
        await desk.results.export(told, tmp_path / "results.doc")
    document = results_object(told.blocks, By.FORM, facts(told))
    assert (document["forms"], document["by"]) == ([], "form")
