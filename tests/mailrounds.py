"""Rounds that mails are sent for: a real folder with institutions of its own and a server to send through."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl

from evaluator.intake.institutions import Institution
from evaluator.rounds.folder import SETTINGS, Round, open_round
from evaluator.rounds.making import create_round
from tests.mailservers import HOST, USER, SmtpServer

SENDER = "某某评估中心 <pinggu@round.example>"


def institutions(count: int) -> tuple[Institution, ...]:
    return tuple(
        Institution(id=f"N{n:03}", name=f"服务机构{n}", province="江苏省", email=f"n{n:03}@inst.example")
        for n in range(1, count + 1)
    )


def write_roster(path: Path, entries: tuple[Institution, ...]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["机构编号", "机构名称", "省份", "电子邮箱"])
    for one in entries:
        sheet.append([one.id, one.name, one.province, one.email])
    book.save(path)
    return path


def made(folder: Path, entries: tuple[Institution, ...]) -> Round:
    """Make a round that has no server yet."""
    roster = write_roster(folder / "名单.xlsx", entries)
    return create_round(
        folder / "round", roster=roster, deadline=date(2026, 3, 31), round_id="2026-t", name="2026年自评", sender=SENDER
    )


def with_server(path: Path, server: SmtpServer, ca_file: Path, **smtp: object) -> Round:
    """Open a round with a server set in its settings, the text of which is put together anew."""
    values = {"host": HOST, "port": server.port, "security": "starttls", "user": USER, "timeout": 10, **smtp}
    values["ca_file"] = ca_file.as_posix()
    lines = ["[smtp]", *(f"{key} = {value!r}" for key, value in values.items())]
    mail = ["[mail]", f'sender = "{SENDER}"', "per_minute = 1000000"]
    settings = path / SETTINGS
    kept = settings.read_text(encoding="utf-8").partition("[mail]")[0]
    settings.write_text("\n".join([kept, *mail, *lines, ""]), encoding="utf-8")
    return open_round(path)
