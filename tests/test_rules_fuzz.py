"""A small share of ``tests/long/rules_fuzz.py``: whatever the text, there are problems or a value."""

from __future__ import annotations

import pytest
from rules_fuzzing import Mill, Outcome
from rules_texts import FORMS, PAIRS, SAMPLES, SHARING, Texts


@pytest.fixture(scope="module")
def mill() -> Mill:
    return Mill(seconds=60)


def test_random_texts_and_mutations(mill: Mill) -> None:
    outcome, texts = Outcome(), Texts(7)
    for _ in range(600):
        mill.grind(texts.text(), outcome)
    assert outcome.failures == []
    assert set(outcome.counts) == {"valid", "with problems", "broken"}


@pytest.mark.parametrize("text", SAMPLES, ids=range(len(SAMPLES)))
def test_samples(mill: Mill, text: str) -> None:
    outcome = Outcome()
    mill.grind(text, outcome)
    assert outcome.failures == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("base", ["a", "documents"])
def test_forms_inside_of_each_other_take_no_longer_on_every_level(mill: Mill, form: str, base: str) -> None:
    outcome, text = Outcome(), base
    for _ in range(24):
        text = form.replace("_", text, 1)
    mill.grind(text, outcome)
    assert outcome.failures == []


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("form", SHARING)
def test_values_that_hold_others_twice_on_every_level_take_no_longer(mill: Mill, form: str, pair: str) -> None:
    outcome, text = Outcome(), "1"
    for _ in range(50):
        text = form.replace("_", text, 1)
    mill.grind(pair.replace("_", text), outcome)
    assert outcome.failures == []


@pytest.mark.parametrize(
    "text", ["a" + " + a" * 140, "1" + " + 1" * 140, "not(" * 140 + "f" + ")" * 140, "a" + " / 2" * 60]
)
@pytest.mark.parametrize("frames", [0, 300])
def test_rules_of_many_levels_are_translated_or_refused_however_deep_the_caller_stands(
    mill: Mill, text: str, frames: int
) -> None:
    def below(frames: int) -> Outcome:
        if frames:
            return below(frames - 1)
        outcome = Outcome()
        for _ in range(2):
            mill.grind(text, outcome)
        return outcome

    assert below(frames).failures == []
