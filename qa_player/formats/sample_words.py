"""A sample in words: what anyone needs to draw it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qa_player.model.sample import Population, Rule, Sample, Strata

RULES: Mapping[Rule, str] = {
    Rule.NEWEST: "the newest first",
    Rule.OLDEST: "the oldest first",
    Rule.LONGEST: "the longest first",
    Rule.LOST_FIRST: "first what is lost first",
}
_BY_CHANCE = (
    "By chance, seed “{seed}”: those whose SHA-256 over the seed, a line feed and the line "
    "“connection TAB session id” is least."
)
_BY_RULE = "By rule, not by chance: {rule}, alike ones in the order of their connections and ids."


def sample_name(sample: Sample) -> str:
    """A sample in a few words, as lists name it: its seed or its rule, and its day."""
    by = f"seed {sample.seed}" if sample.rule is None else RULES[sample.rule]
    return f"{by} · {sample.drawn_at.date().isoformat()}"


def sample_text(sample: Sample) -> str:
    """Everything that is needed to draw it again, in a few sentences; times are UTC."""
    each = "" if sample.strata is Strata.NONE else f", {sample.count:,} of each {sample.strata.value}"
    chosen = _BY_CHANCE.format(seed=sample.seed) if sample.rule is None else _BY_RULE.format(rule=RULES[sample.rule])
    many = "session" if sample.size == 1 else "sessions"
    return " ".join(
        (
            f"Drawn on {sample.drawn_at:%Y-%m-%d at %H:%M:%S} UTC by {sample.drawn_by}:",
            f"{len(sample.drawn):,} of {sample.size:,} {many}{each}.",
            f"Population: {population_words(sample.population)};",
            f"SHA-256 of the sorted list of its lines: {sample.population_digest}.",
            chosen,
        )
    )


def population_words(population: Population) -> str:
    """Which sessions it has: ``every session kept here``, ``the sessions of connection Acme, with “refund”``."""
    parts = list(_narrowing(population))
    return f"the sessions {', '.join(parts)}" if parts else "every session kept here"


def _narrowing(population: Population) -> Iterator[str]:
    if population.connection is not None:
        yield f"of connection {population.connection}"
    if population.agent is not None:
        yield f"of agent {population.agent}"
    if population.since is not None:
        yield f"since {population.since:%Y-%m-%d %H:%M} UTC"
    if population.until is not None:
        yield f"until {population.until:%Y-%m-%d %H:%M} UTC"
    if population.text:
        yield f"with “{population.text}”"
    if population.chips:
        yield f"marked {' and '.join(chip.value.replace('_', ' ') for chip in population.chips)}"
    if population.sample_id is not None:
        yield f"of sample {population.sample_id}"
