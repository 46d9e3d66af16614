"""A record is opened wherever it lies, and is never written to."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest

from evaluator.reports.recorded_file import connected, uri_of


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (PureWindowsPath("C:\\a b\\results.db"), "file:///C:/a%20b/results.db"),
        (PureWindowsPath("\\\\server\\share\\results.db"), "file:////server/share/results.db"),
        (PureWindowsPath("\\\\server\\share$\\结果\\a#1%.db"), "file:////server/share%24/%E7%BB%93%E6%9E%9C/a%231%25.db"),
        (PurePosixPath("/srv/results.db"), "file:///srv/results.db"),
        (PurePosixPath("//srv/results.db"), "file:////srv/results.db"),
        (PurePosixPath("/a?b#c%d&e=f/results.db"), "file:///a%3Fb%23c%25d%26e%3Df/results.db"),
        (PurePosixPath("/a\\b/\udcff.db"), "file:///a%5Cb/%FF.db"),
    ],
)  # fmt: skip
def test_the_host_is_always_empty_and_nothing_in_a_name_has_a_meaning(path: PurePath, uri: str) -> None:
    assert uri_of(path) == uri


@pytest.mark.parametrize("name", ["a b", "结果", "a#b%41&mode=rwc", "a;b'c", "{x}"])
@pytest.mark.parametrize("start", ["", "/"], ids=["", "as a share"])
def test_a_record_is_read_wherever_it_lies_and_not_written(tmp_path: Path, name: str, start: str) -> None:
    path = tmp_path / name / "results.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE run (key, value)")
    if start and tmp_path.drive:
        pytest.skip("drives have letters here")
    with closing(connected(Path(f"{start}{path}"))) as database:
        assert database.execute("SELECT count(*) FROM run").fetchone() == (0,)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            database.execute("DELETE FROM run")
