"""Fixtures that several layers of tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from evaluator.model.files import load_model
from evaluator.model.records import Model
from evaluator.synthesis.round import make_round

settings.register_profile("patient", deadline=None)  # other work on the machine is no fault of the code
settings.load_profile("patient")


@pytest.fixture(scope="session", autouse=True)
def no_cache() -> Iterator[None]:
    """Keep tests away from the user's store of readings; tests of it name a place of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVALUATOR_CACHE", "off")
        yield


@pytest.fixture(scope="session")
def model() -> Model:
    """The built-in model."""
    return load_model()


@pytest.fixture(scope="session")
def small_round(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Path:
    """A synthetic round of six institutions without faults: `roster.xlsx`, `returned/`, `planted.json`."""
    folder = tmp_path_factory.mktemp("rounds") / "small"
    make_round(folder, model, "zh", institutions=6, seed=3, faults=False)
    return folder


@pytest.fixture(scope="session")
def faulty_round(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Path:
    """A synthetic round of 30 institutions with planted faults."""
    folder = tmp_path_factory.mktemp("rounds") / "faulty"
    make_round(folder, model, "zh", institutions=30, seed=5, faults=True)
    return folder
