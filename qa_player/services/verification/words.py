"""The words that weigh more when a note is held against what was said, and how they are spelled by either side.

None of it judges medicine: a word here only decides what a person is shown first.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEGATORS = _words(
    "no not never none nothing neither nor without denies denied deny denying cannot negative absent stopped quit "
    "don't doesn't didn't isn't aren't wasn't weren't haven't hasn't hadn't won't wouldn't can't couldn't ain't dont "
    "doesnt didnt isnt havent hasnt wont cant"
)
BREAKS = _words("but however although though except")
"""Words after which a negation no longer holds."""

STOP = _words(
    "a an the and or of to in on at for with by from as is are was were be been being am i you he she it we they my "
    "your his her its our their me him them us this that these those there here have has had do does did will would "
    "shall should can could may might must so if then than when what which who how why where about around very just "
    "also too still some any all each per patient reports reported states stated says said notes noted presents well "
    "good yes okay ok um uh oh please thank thanks mister missis mr mrs ms dr doctor up out over into after before "
    "since again more most like get got go going come came take takes taking taken one"
)

UNITS = {
    "mg": "mg", "milligram": "mg", "milligrams": "mg", "mgs": "mg",
    "mcg": "mcg", "microgram": "mcg", "micrograms": "mcg", "µg": "mcg",
    "g": "g", "gram": "g", "grams": "g", "kg": "kg", "kilo": "kg", "kilos": "kg", "kilograms": "kg",
    "ml": "ml", "millilitre": "ml", "millilitres": "ml", "milliliter": "ml", "milliliters": "ml",
    "unit": "unit", "units": "unit", "tablet": "tablet", "tablets": "tablet", "puff": "puff", "puffs": "puff",
    "drop": "drop", "drops": "drop", "percent": "%",
}  # fmt: skip

DRUG_ENDINGS = tuple(
    _words(
        "pril olol sartan statin mycin cillin azole prazole dipine formin profen oxetine oxacin cycline parin gliptin "
        "gliflozin glutide tidine setron triptan sone solone caine thiazide semide xaban grel afil lukast terol "
        "tropium zumab ximab tinib ciclovir azepam azolam barbital codone morphone pramine zosin fibrate gabalin "
        "thyroxine bapentin lamide coxib dronate"
    )
)
DRUGS = _words(
    "aspirin paracetamol acetaminophen insulin warfarin morphine codeine heparin digoxin lithium naproxen ibuprofen "
    "tramadol penicillin albuterol salbutamol nitroglycerin melatonin methotrexate clonidine trazodone sertraline "
    "citalopram escitalopram venlafaxine quetiapine levetiracetam phenytoin carbamazepine amiodarone spironolactone "
    "tamoxifen allopurinol colchicine iron zinc magnesium potassium antibiotic antibiotics steroid steroids"
)

ALERTS = _words(
    "pain hurt ache dizzy faint fall fell bleed blood rash allergy allergic swollen fever vomit nausea breath cough "
    "tight numb weak tired sleep pregnant smoke drink alcohol stroke heart cancer diabetes suicide lump weight chest "
    "headache sweat burn itch seizure stop mother father sister brother kidney liver"
)
"""What a patient says and a note should not be silent about; compared by `stem`."""

SAME = {
    "tender": "hurt", "sore": "hurt", "tenderness": "hurt", "painful": "pain", "aching": "ache",
    "swelling": "swollen", "edema": "swollen", "oedema": "swollen", "medial": "inside", "lateral": "outside",
    "motion": "move", "movement": "move", "freely": "full", "range": "move", "trauma": "fall", "injury": "fall",
    "hypertension": "pressure", "hypertensive": "pressure", "renal": "kidney", "hepatic": "liver", "cardiac": "heart",
    "dyspnea": "breath", "dyspnoea": "breath", "pyrexia": "fever", "temperature": "fever", "emesis": "vomit",
    "throwing": "vomit", "daily": "day", "nightly": "night", "smoker": "smoke", "smoking": "smoke",
    "cigarette": "smoke", "cigarettes": "smoke", "fatigue": "tired", "insomnia": "sleep", "vertigo": "dizzy",
    "syncope": "faint", "relief": "help", "return": "come", "review": "see", "follow-up": "see", "visit": "see",
    "referral": "refer", "increase": "raise", "reduce": "lower", "fell": "fall", "fallen": "fall", "locking": "lock",
    "xray": "xray", "picture": "xray", "imaging": "xray", "abdominal": "belly", "abdomen": "belly", "stomach": "belly",
    "medication": "medicine", "medications": "medicine", "tablets": "tablet", "pills": "tablet", "pill": "tablet",
    "allergies": "allergy", "allergic": "allergy", "breathing": "breath", "breathless": "breath", "weeks": "week",
    "quit": "stop", "stopped": "stop", "discontinue": "stop", "discontinued": "stop", "continue": "keep",
    "oral": "mouth", "ambulating": "walk", "nocturnal": "night", "begin": "start", "began": "start",
}  # fmt: skip
"""What one side writes and the other says, brought to one word."""

ONES = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
