"""A batch of reports, as a worker writes it: small, and the same bytes wherever they are written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from evaluator.reports.batch import Common, write_reports
from evaluator.reports.context import context_of
from evaluator.reports.subject import Extracts
from tests.builders import make


def test_a_worker_that_writes_reports_never_loads_pandas() -> None:
    program = "import sys, evaluator.reports.batch; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_reports_are_the_same_written_or_sent(tmp_path: Path) -> None:
    results = make(3)
    context = context_of(results)
    batch = [(f"{row}.xlsx", extract) for row, extract in enumerate(Extracts(results))]
    sent = write_reports(Common(context=context, lang="zh", folder=None), batch)
    written = write_reports(Common(context=context, lang="zh", folder=tmp_path), batch)
    assert written == [(name, b"") for name, _ in sent]
    assert all((tmp_path / name).read_bytes() == data for name, data in sent)
    assert all(data.startswith(b"PK") for _, data in sent)
