"""Versions of forms; one that is kept never changes."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import insert, select

from qa_player.model.form import Form
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import FORMS


def add(db: Transaction, form: Form, *, digest: str) -> None:
    """Keep one version; the caller looked that it is not there."""
    db.execute(
        insert(FORMS).values(form_id=form.form_id, version=form.version, digest=digest, payload=form.model_dump_json())
    )


def everything(db: Transaction) -> tuple[Form, ...]:
    """Every version that was added here, by id and version."""
    payloads = db.execute(select(FORMS.c.payload).order_by(FORMS.c.form_id, FORMS.c.version)).scalars()
    return tuple(from_json(Form, payload) for payload in payloads)
