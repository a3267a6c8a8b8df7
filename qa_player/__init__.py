"""QA Player: hear a recorded conversation, read its transcript in step, judge it, hand on the judgement."""

__version__ = "0.1.0"
