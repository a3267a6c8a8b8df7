"""From samples to sound: an engine that plays one recording into an output, and knows where the ears are."""

from qa_player.media.engine.engine import Engine, EngineSnapshot, Output
from qa_player.media.engine.growing import Growing
from qa_player.media.engine.playout import DEEP, SHALLOW, Depth
from qa_player.media.engine.programme import Placed, Segment

__all__ = ["DEEP", "SHALLOW", "Depth", "Engine", "EngineSnapshot", "Growing", "Output", "Placed", "Segment"]
