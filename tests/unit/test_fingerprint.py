from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.fingerprint import digest_of


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """Make a package of code, texts and other files that can be imported under the test's own name."""
    folder = tmp_path / f"package_{request.node.name}"
    (folder / "data").mkdir(parents=True)
    (folder / "__init__.py").write_bytes(b"A = 1\nB = 2\n")
    (folder / "data" / "texts.toml").write_bytes(b"a = 'x'\n")
    (folder / "data" / "notes.txt").write_bytes(b"anything")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def digest(package: Path) -> str:
    digest_of.cache_clear()
    return digest_of(package.name)


def test_code_and_texts_count(package: Path) -> None:
    before = digest(package)
    assert len(before) == 64
    (package / "data" / "texts.toml").write_bytes(b"a = 'y'\n")
    changed = digest(package)
    (package / "data" / "texts.toml").rename(package / "data" / "words.toml")
    assert len({before, changed, digest(package)}) == 3


def test_what_a_checkout_changes_does_not_count(package: Path) -> None:
    before = digest(package)
    (package / "__init__.py").write_bytes(b"A = 1\r\nB = 2\r\n")
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "x.pyc").write_bytes(b"1")
    assert digest(package) == before


def test_every_package_counts() -> None:
    assert digest_of("evaluator.wording", "evaluator.model") != digest_of("evaluator.wording")
