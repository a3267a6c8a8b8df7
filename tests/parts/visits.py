"""Visits made up from a seed: what was said, the note of it, and one fault of each kind planted in the note."""

from __future__ import annotations

import random
from dataclasses import dataclass

from qa_player.canonical import digest
from qa_player.model.note import Note, NoteSection
from qa_player.model.transcript import Role, TimeSource, Turn

FACTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("What brings you in?", "I have had a cough for two weeks, mostly in the evening."),
        "Cough for two weeks, mostly in the evening.",
    ),
    (("Any fever?", "No, no fever at all."), "No fever."),
    (("Does your chest hurt?", "Yes, a bit, when I climb the stairs."), "Chest pain when climbing stairs."),
    (("And your appetite?", "I eat well, my appetite is fine."), "Appetite is fine."),
    (("Do you sleep through?", "I wake up at night three times or so."), "Wakes up at night about three times."),
    (("Which knee is it?", "It's the left knee, the outside of it."), "Pain on the outside of the left knee."),
    (("Do you smoke?", "No, I never did."), "Does not smoke."),
    (
        ("How is your blood pressure at home?", "It was one hundred and forty two over eighty eight this morning."),
        "Home blood pressure 142/88 this morning.",
    ),
    (("Any swelling of your ankles?", "My ankles are swollen in the evening, yes."), "Ankles swollen in the evening."),
    (("I would like a blood test for the thyroid next week.",), "Blood test for the thyroid next week."),
    (("Let me listen to your lungs. They are clear on both sides.",), "Lungs clear on both sides."),
    (("Please come back in four weeks.",), "Follow-up in four weeks."),
    (("I'd like you to walk for thirty minutes every day.",), "Walk for 30 minutes every day."),
    (("Do you drink any alcohol?", "A glass of wine on Saturdays."), "A glass of wine on Saturdays."),
    (("Your weight is seventy eight kilos today.",), "Weight 78 kg today."),
)
DRUGS = (
    (
        "metoprolol",
        "Let's start metoprolol, {said} milligrams, once a day.",
        "Start metoprolol {dose} mg once daily.",
        ("twenty-five", 25),
        50,
    ),
    (
        "amoxicillin",
        "Take amoxicillin, {said} milligrams, three times a day.",
        "Amoxicillin {dose} mg three times daily.",
        ("five hundred", 500),
        250,
    ),
    (
        "atorvastatin",
        "Stay on the atorvastatin, {said} milligrams at night.",
        "Continue atorvastatin {dose} mg at night.",
        ("forty", 40),
        80,
    ),
    (
        "metformin",
        "We go up with the metformin to {said} milligrams in the morning.",
        "Increase metformin to {dose} mg in the morning.",
        ("one thousand", 1000),
        850,
    ),
)
INVENTED = (
    "Referral to neurology.",
    "The patient's brother had a stroke at forty.",
    "Uses a hearing aid.",
    "Colonoscopy in 2019 was normal.",
    "Vaccinated against influenza in October.",
)
FLIPPED = (
    (("Do you get headaches?", "I get headaches nearly every day now."), "Denies headaches."),
    (("Any pain when you pass water?", "Yes, it burns every time."), "No pain when passing water."),
    (("Have you been dizzy?", "No, I haven't been dizzy."), "The patient has been dizzy."),
    (("You still take the aspirin?", "I don't take the aspirin any more."), "Takes aspirin."),
)
OMITTED = (
    "I'm allergic to penicillin, I came out in a rash.",
    "My mother had a stroke at fifty.",
    "I fell in the bathroom last month.",
    "I found a lump under my arm.",
    "I stopped the warfarin two weeks ago.",
)


@dataclass(frozen=True)
class MadeVisit:
    """``invented``, ``flipped`` and ``changed`` are statements of ``note``; ``omitted`` is a turn's index."""

    turns: tuple[Turn, ...]
    note: Note
    invented: str
    flipped: str
    changed: str
    omitted: int


def made_visit(seed: int) -> MadeVisit:
    """The visit of a seed."""
    chance = random.Random(seed)
    facts = chance.sample(FACTS, chance.randint(8, 12))
    _, spoken, written, (said, _), wrong = chance.choice(DRUGS)
    flip_said, flipped = chance.choice(FLIPPED)
    omitted = chance.choice(OMITTED)
    exchanges = [said_ for said_, _ in facts] + [(spoken.format(said=said),), flip_said, (omitted,)]
    chance.shuffle(exchanges)
    lines = ["Good morning, please sit down.", *(line for exchange in exchanges for line in exchange), "Goodbye then."]
    invented, changed = chance.choice(INVENTED), written.format(dose=wrong)
    statements = [text for _, text in facts] + [invented, changed, flipped]
    chance.shuffle(statements)
    cut = len(statements) // 2
    sections = tuple(
        NoteSection(title=title, loinc_code=None, text=" ".join(part))
        for title, part in (("History", statements[:cut]), ("Plan", statements[cut:]))
    )
    note = Note(session_id=f"made-{seed}", sections=sections, digest=digest([one.text for one in sections]))
    return MadeVisit(turns_of(lines), note, invented, flipped, changed, lines.index(omitted))


def turns_of(lines: list[str]) -> tuple[Turn, ...]:
    """Turns of nobody in particular, two seconds each."""
    return tuple(
        Turn(
            index=index,
            role=Role.UNKNOWN,
            raw_role="",
            speaker=None,
            text=text,
            raw_start_ms=index * 2_000,
            raw_end_ms=index * 2_000 + 1_800,
            time_source=TimeSource.SPEECH_START,
        )
        for index, text in enumerate(lines)
    )
