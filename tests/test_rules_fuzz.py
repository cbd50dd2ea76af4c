"""A small share of ``tests/long/rules_fuzz.py``: whatever the text, there are problems or a value."""

from __future__ import annotations

import pytest
from rules_fuzzing import Mill, Outcome
from rules_texts import SAMPLES, Texts


@pytest.fixture(scope="module")
def mill() -> Mill:
    return Mill(seconds=60)


def test_random_texts_and_mutations(mill: Mill) -> None:
    outcome, texts = Outcome(), Texts(7)
    for _ in range(600):
        mill.grind(texts.text(), outcome)
    assert outcome.failures == []
    assert set(outcome.counts) == {"valid", "with problems", "broken"}


@pytest.mark.parametrize("text", [text for text in SAMPLES if "1000000" not in text], ids=range(len(SAMPLES) - 1))
def test_samples(mill: Mill, text: str) -> None:
    outcome = Outcome()
    mill.grind(text, outcome)
    assert outcome.failures == []
