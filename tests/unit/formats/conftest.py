"""A small review with everything that formats find hard."""

from __future__ import annotations

import pytest

from parts.reviews import small_review
from qa_player.model.review import Review


@pytest.fixture
def review() -> Review:
    return small_review()
