"""Taking everything in: every file once, from whatever it came in, and nothing read twice."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from evaluator import pipeline
from evaluator.intake.sources import Source
from evaluator.model.records import Model
from evaluator.pipeline import Setup, taking
from evaluator.reports.record import Results
from evaluator.workers import spread
from tests.forms import filled


def scores(results: Results) -> list[tuple[object, ...]]:
    table = results.assessment.institutions
    return list(table[["id", "status", "star", "rank"]].astype(str).itertuples(index=False, name=None))


def statuses(results: Results) -> dict[str, str]:
    return dict(zip(results.files["path"], results.files["status"], strict=True))


def zipped(target: Path, files: Iterable[Path], front: str = "") -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, f"{front}{path.name}")


def mailed(target: Path, files: Iterable[Path], date: str = "") -> None:
    mail = EmailMessage()
    if date:
        mail["Date"] = date
    mail["Subject"] = "问卷"
    mail.set_content("见附件")
    for path in files:
        mail.add_attachment(path.read_bytes(), maintype="application", subtype="octet-stream", filename=path.name)
    target.write_bytes(mail.as_bytes())


def test_returns_count_the_same_whatever_they_came_in(faulty_round: Path, model: Model, tmp_path: Path) -> None:
    files = sorted((faulty_round / "returned").iterdir())
    mixed = tmp_path / "returned"
    mixed.mkdir()
    third = len(files) // 3
    zipped(mixed / "收件.zip", files[:third], "附件/")
    mailed(tmp_path / "mail.eml", files[third : 2 * third])
    zipped(mixed / "outer.zip", [tmp_path / "mail.eml"])
    for path in files[2 * third :]:
        shutil.copyfile(path, mixed / path.name)
    plain = pipeline.evaluate([faulty_round / "returned"], model, roster=faulty_round / "roster.xlsx")
    again = pipeline.evaluate([mixed], model, roster=faulty_round / "roster.xlsx")
    assert scores(again) == scores(plain)
    by_name = {path.rpartition("/")[2].rpartition("!")[2]: status for path, status in statuses(again).items()}
    opened = {"收件.zip": "opened", "outer.zip": "opened", "mail.eml": "opened"}
    assert by_name == {path.rpartition("/")[2]: status for path, status in statuses(plain).items()} | opened
    chains = [path for path in statuses(again) if path.endswith(f"!{files[third].name}")]
    assert chains == [f"returned/outer.zip!mail.eml!{files[third].name}"]


@pytest.mark.parametrize("last", ["a.eml", "b.eml"])
def test_of_two_mails_with_one_filling_date_the_later_counts_also_from_the_store(
    model: Model, tmp_path: Path, last: str
) -> None:
    setup = Setup(cache=tmp_path / "cache" / "readings.db")
    returned = tmp_path / "returned"
    returned.mkdir()
    for name, answer in (("a.eml", "不满足"), ("b.eml", "部分满足")):
        form = tmp_path / f"{answer}.xlsx"
        form.write_bytes(filled(fields={"id": "N01", "date": "2026-03-31"}, changed={"SS1-1": (answer, "x", "")}))
        hour = "09" if name == last else "08"
        mailed(returned / name, [form], f"Tue, 31 Mar 2026 {hour}:00:00 +0800")
    for _ in range(2):
        results = pipeline.evaluate([returned], model, setup=setup)
        by_name = {path.partition("!")[0]: status for path, status in statuses(results).items() if "!" in path}
        assert by_name == {f"returned/{n}": "counted" if n == last else "superseded" for n in ("a.eml", "b.eml")}
        arrived = dict(zip(results.files["path"], results.files["arrived"], strict=True))
        assert arrived[f"returned/{last}"] == "2026-03-31T01:00:00Z"
        assert [finding.code for finding in results.findings if finding.code.startswith("return.")] == [
            "return.missing_domain", "return.superseded",
        ]  # fmt: skip


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 12:00:00 +0000", "Mon, 1 Jan 0500 12:00:00 +0000"])
def test_a_mail_from_no_time_that_can_be_costs_only_its_time(model: Model, tmp_path: Path, date: str) -> None:
    form = tmp_path / "1.xlsx"
    form.write_bytes(filled(fields={"id": "N01", "date": "2026-03-31"}))
    (tmp_path / "in").mkdir()
    mailed(tmp_path / "in" / "m.eml", [form], date)
    assert statuses(pipeline.evaluate([tmp_path / "in"], model))["in/m.eml!1.xlsx"] == "counted"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were really read."""
    names: list[str] = []

    def counting(pool: Any, work: Any, items: Iterable[Any], *given: Any, **named: Any) -> Iterator[Sequence[Any]]:
        listed = list(items)
        names.extend(one.name for one in listed if isinstance(one, Source))
        return spread(pool, work, listed, *given, **named)

    monkeypatch.setattr(taking, "spread", counting)
    return names


def test_a_second_run_reads_only_what_is_new(
    small_round: Path, faulty_round: Path, model: Model, tmp_path: Path, read: list[str]
) -> None:
    setup = Setup(cache=tmp_path / "cache" / "readings.db")
    returned = tmp_path / "returned"
    shutil.copytree(small_round / "returned", returned)
    first = pipeline.evaluate([returned], model, setup=setup)
    assert len(read) == 30
    read.clear()
    moved = sorted(returned.iterdir())[0]
    moved.rename(returned / "another name.xlsx")
    new = next(path for path in sorted((faulty_round / "returned").iterdir()) if "SME0030_1" in path.name)
    shutil.copyfile(new, returned / "new.xlsx")
    (returned / "text.xlsx").write_bytes(b"text")
    second = pipeline.evaluate([returned], model, setup=setup)
    assert read == ["returned/new.xlsx", "returned/text.xlsx"]
    assert scores(second)[:6] == scores(first)
    fresh = pipeline.evaluate([returned], model)
    assert scores(fresh) == scores(second)
    assert fresh.findings == second.findings
    assert fresh.texts == second.texts
    assert fresh.files.equals(second.files)


def test_what_is_in_a_file_decides_and_not_its_name_or_time(
    small_round: Path, model: Model, tmp_path: Path, read: list[str]
) -> None:
    setup = Setup(cache=tmp_path / "cache" / "readings.db")
    returned = tmp_path / "returned"
    shutil.copytree(small_round / "returned", returned)
    pipeline.check([returned], model, setup=setup)
    read.clear()
    one, other = sorted(returned.iterdir())[:2]
    before = one.stat()
    one.write_bytes(other.read_bytes())
    os.utime(one, ns=(before.st_atime_ns, before.st_mtime_ns))
    found = pipeline.check([returned], model, setup=setup)
    assert read == []  # its new content is known, as the other file's
    assert "return.identical" in {finding.code for finding in found.findings}
