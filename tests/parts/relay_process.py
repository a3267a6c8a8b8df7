"""A relay in a process of its own, which can be killed: prints the address of one call, then where it is."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from parts.desk import Desk
from parts.stored import KEY
from parts.switchboard import Switchboard, carriers
from qa_player.credentials import MemoryKeychain
from qa_player.files import Home
from qa_player.store.database import Database


async def _receive(home: Home, call_id: str) -> None:
    desk = Desk(home, await Database.open(home.database, KEY), MemoryKeychain())
    with carriers() as servers:
        board = Switchboard(desk, servers)
        await board.open()
        invitation = await board.expect(call_id)
        sys.stdout.write(f"{invitation.service_url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_receive(Home(Path(sys.argv[1])), sys.argv[2]))
