"""The script of a very long call: support and a company go through all of its branches, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

MS_PER_LETTER = 60.2  # as the voices speak
MS_PER_PAUSE = 575

_TOWNS = [
    *("Ashford", "Bristol", "Carlisle", "Derby", "Exeter", "Falmouth", "Grantham", "Hereford", "Ipswich", "Jarrow"),
    *("Kendal", "Lincoln", "Margate", "Norwich", "Oxford", "Penrith", "Reading", "Stafford", "Taunton", "Ulverston"),
    *("Ventnor", "Warwick", "York", "Barrow", "Chester", "Durham", "Epsom", "Fleetwood", "Gloucester", "Harlow"),
]
_STREETS = (
    *("the High Street", "the Mill Lane", "the Station Road"),
    *("the Market Square", "the Harbour Road", "the Church Street"),
)
_DEVICES = (
    *("router", "printer", "till", "card reader", "label printer"),
    *("door sensor", "scanner", "wall screen", "backup drive", "telephone"),
)
_TROUBLES = (
    "loses the connection about {n} times a day",
    "has been restarted {n} times since the last check",
    "reports an error with the number {n}",
    "is {n} updates behind",
    "takes {n} seconds to answer",
    "was moved to another room {n} days ago",
    "has been out of guarantee for {n} weeks",
    "runs {n} degrees too warm",
)
_FIXES = (
    "I can replace it, which takes {n} working days.",
    "I would reset it from here. It would be away for about {n} minutes.",
    "The cheapest way is a new cable, which is {n} pounds.",
    "I can put it on the list of the technician, as number {n}.",
    "There is a newer version, {n} point two, and it should settle that.",
    "I'd leave it for now, and look at it again in {n} days.",
)
_ASKED = (
    "Next is the {town} branch, in {street}. What do you have there on the {device}?",
    "Then we come to {town}, {street}. My list shows a {device} with serial ending in {n}. Is it still there?",
    "For {town}, {street}, there's an open case about the {device}, number {n}. Would you tell me how it stands?",
    "Let's go on with {town}. In {street} you have {few} devices, and the {device} stands out. What do you see?",
)
_TOLD = (
    "The {device} in {town}? The manager says that it {trouble}.",
    "One moment, {town}. Here. It {trouble}, as far as I've heard.",
    "Yes, that {device}. It {trouble}, and the staff have begun to work around it.",
    "In {street}, right. I was there last month. The {device} {trouble}.",
)
_OFFERED = (
    "I see the same in {town} from here. {fix}",
    "That fits what the {device} tells me. {fix}",
    "Thank you. For a {device} of that age it isn't unusual. {fix}",
    "I've compared it with the other {device} in {town}. {fix}",
)
_DECIDED = (
    "Do that for {town}, please, but not before {hour} o'clock.",
    "How sure are you that it helps? The {device} in {other} had the same, and it came back after {n} days.",
    "All right. Please write to the manager in {town} before you begin.",
    "Yes, go ahead. And put it under cost centre {n}, like the {device} in {other}.",
    "Not yet. I'd like to ask {town} first. Please note it as open, with {n} days to decide.",
)
_NOTED = (
    "Noted for {town}: {device}, line {n}.",
    "It's in the plan, {town}, line {n}. You'll see it in the summary.",
    "I've written it down for {town}, with your remark about the {device}.",
    "Done. That leaves {few} things open in {town}, and none of them is urgent.",
)
_OPENING = """
A: Acme business support, welcome to the yearly review. I have reserved an hour for you. Shall we begin?
C: Good morning. Yes. I've got the list of all our branches in front of me, and a large cup of tea.
A: Very wise. I'll go through them in the order of my list. Stop me whenever something doesn't match yours.
"""
_CLOSING = """
A: That was the last one on my list. Do you have any that I haven't named?
C: No, that was all of them. I can't believe that we made it in one go.
A: You'll have the summary this afternoon, with every line that we agreed. Thank you for your patience.
C: Thank you. I think I'll have another tea now. Goodbye.
A: Goodbye, until next year.
"""


def script(minutes: int, seed: int = 11) -> str:
    """Lines as in a dialogue file, about ``minutes`` long when spoken; no line comes twice."""
    random = Random(seed)
    lines = _OPENING.strip().splitlines()
    closing = _CLOSING.strip().splitlines()
    said = set(lines)
    while _estimated_ms(lines + closing) < minutes * 60_000:
        for line in _about_one_branch(random):
            if line not in said:
                said.add(line)
                lines.append(line)
    return "\n".join(lines + closing)


def _about_one_branch(random: Random) -> Iterator[str]:
    town, other = random.sample(_TOWNS, 2)
    place = {"town": town, "other": other, "street": random.choice(_STREETS), "device": random.choice(_DEVICES)}
    for who, templates in zip("ACACA", (_ASKED, _TOLD, _OFFERED, _DECIDED, _NOTED), strict=True):
        line = random.choice(templates)
        parts = {"trouble": random.choice(_TROUBLES), "fix": random.choice(_FIXES)}
        for name, text in parts.items():
            line = line.replace("{" + name + "}", text)
        numbers = {"n": random.randint(11, 99), "few": random.randint(3, 9), "hour": random.randint(2, 6)}
        yield f"{who}: {line.format(**place, **numbers)}"


def _estimated_ms(lines: list[str]) -> float:
    return sum(len(line) * MS_PER_LETTER + MS_PER_PAUSE for line in lines)
