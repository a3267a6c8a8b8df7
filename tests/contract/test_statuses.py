"""Every HTTP status has a sentence and an exit status of its own, whoever the vendor is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from contract.test_providers import CASES
from parts.loop import Loop
from parts.provider_cases import Case
from qa_player.errors import QaPlayerError

TABLE: Mapping[int, tuple[str, int]] = {
    202: ("not_ready", 6),
    400: ("bad_request", 2),
    401: ("auth_invalid", 3),
    402: ("quota", 7),
    403: ("auth_invalid", 3),
    404: ("not_found_or_forbidden", 4),
    405: ("usage", 2),
    407: ("transient", 7),
    409: ("not_ready", 6),
    410: ("gone", 5),
    418: ("usage", 2),
    422: ("usage", 2),
    429: ("rate_limited", 7),
    451: ("not_found_or_forbidden", 4),
    500: ("transient", 7),
    502: ("transient", 7),
    503: ("transient", 7),
    504: ("transient", 7),
    511: ("contract", 7),
}

OWN: Mapping[str, Mapping[int, tuple[str, int]]] = {"retell": {422: ("not_found_or_forbidden", 4)}}
"""What a vendor's documents say a status means there."""


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest, loop: Loop) -> Iterator[Case]:
    yield from CASES[request.param](loop, lifetime_s=90.0)


async def told(case: Case, status: int) -> QaPlayerError:
    case.api_faults.status = status
    try:
        with pytest.raises(QaPlayerError) as raised:
            await case.provider.detail(case.heard)
    finally:
        case.api_faults.status = None
    await case.provider.check()  # where a login was refused, there is a new one
    return raised.value


async def test_each_status_of_the_table(case: Case, request: pytest.FixtureRequest) -> None:
    table = {**TABLE, **OWN.get(request.node.callspec.params["case"], {})}
    await case.provider.detail(case.heard)
    said = {status: await told(case, status) for status in TABLE}
    assert {status: (error.kind, error.exit_status) for status, error in said.items()} == table
    sentences = {status: str(error) for status, error in said.items()}
    own = OWN.get(request.node.callspec.params["case"], {})
    assert len(set(sentences.values())) >= len(TABLE) - len(own), "no two of them say the same"
    assert all(error.message.endswith(".") and error.next_step.endswith(".") for error in said.values())
    assert (await case.provider.detail(case.heard)).parts, "the control: without a fault it is there"
