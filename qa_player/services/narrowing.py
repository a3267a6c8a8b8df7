"""What a list of sessions can be narrowed to, beyond what every list can be."""

from __future__ import annotations

from collections.abc import Sequence

from qa_player.services.connections import Connections
from qa_player.services.library import Library


async def agents_of(connections: Connections, library: Library, name: str) -> Sequence[str]:
    """The agents to choose from where the connection's provider lists by agent; else none.

    Raises what making the provider raises.
    """
    from qa_player.providers.base import Ability

    provider = await connections.provider(name)
    return await library.agents(name) if Ability.LIST_BY_AGENT in provider.abilities else ()
