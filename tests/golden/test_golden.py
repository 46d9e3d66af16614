"""What the program writes, held part by part against what it wrote when somebody last looked at it.

A difference is not a fault by itself: look at the diff, render the workbook, then `python -m tests.rebuild golden`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import rebuild

KEPT = Path(__file__).parent


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden")
    rebuild.golden(folder)
    return folder


def test_every_kind_of_workbook_is_kept(made: Path) -> None:
    names = {path.name for path in made.iterdir()}
    assert names == {path.name for path in KEPT.glob("*.txt")}
    assert {name.partition(".")[0] for name in names} == {"form", "ranking", "institution", "regulator"}


@pytest.mark.parametrize("name", sorted(path.name for path in KEPT.glob("*.txt")))
def test_a_workbook_is_as_kept(made: Path, name: str) -> None:
    new = (made / name).read_text(encoding="utf-8").split("\n=== ")
    old = (KEPT / name).read_text(encoding="utf-8").split("\n=== ")
    assert [part.partition("\n")[0] for part in new] == [part.partition("\n")[0] for part in old]
    for one, other in zip(new, old, strict=True):
        assert one.splitlines() == other.splitlines()
