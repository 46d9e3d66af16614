"""Where LibreOffice is looked for, and what the profile it is given says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from evaluator.errors import InputError
from evaluator.intake import libreoffice
from evaluator.intake.libreoffice import ENVIRONMENT, office


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system where no LibreOffice is to be found; gives a folder on the path."""
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(libreoffice, "_usual_places", list)
    return tmp_path


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    path.chmod(0o755)
    return path


def test_there_may_be_none(nowhere: Path) -> None:
    assert office() is None


@pytest.mark.skipif(sys.platform == "win32", reason="programs on the path are called otherwise there")
@pytest.mark.parametrize("name", ["soffice", "libreoffice"])
def test_it_is_found_on_the_path(nowhere: Path, name: str) -> None:
    there = program(nowhere / name)
    assert office() == there


@pytest.mark.skipif(sys.platform == "win32", reason="programs on the path are called otherwise there")
def test_a_program_in_the_working_folder_is_not_it(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(nowhere / "returned" / "soffice")
    monkeypatch.chdir(nowhere / "returned")
    monkeypatch.setenv("PATH", ".")
    assert office() is None


def test_it_is_found_where_installers_put_it(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = program(nowhere / "LibreOffice" / "program")
    monkeypatch.setattr(libreoffice, "_usual_places", lambda: [nowhere / "missing", there])
    assert office() == there


def test_the_environment_names_it(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(nowhere / "soffice")
    named = program(nowhere / "other" / "program")
    monkeypatch.setenv(ENVIRONMENT, str(named))
    assert office() == named


def test_the_environment_switches_it_off(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(nowhere / "soffice")
    monkeypatch.setenv(ENVIRONMENT, "")
    assert office() is None


def test_a_name_in_the_environment_that_is_wrong_is_the_operators_mistake(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(nowhere / "soffice"))
    with pytest.raises(InputError, match="soffice"):
        office()


def test_the_usual_places_are_absolute() -> None:
    places = libreoffice._usual_places()
    assert places
    assert all(path.is_absolute() for path in places)


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_every_system_has_usual_places(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert libreoffice._usual_places()


def test_windows_has_usual_places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ProgramW6432", "ProgramFiles", "ProgramFiles(x86)"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    assert libreoffice._usual_places() == []
    monkeypatch.setenv("ProgramFiles", str(tmp_path))
    assert libreoffice._usual_places() == [tmp_path / "LibreOffice" / "program" / "soffice.com"]


def test_the_profile_forbids_macros_links_and_the_network(tmp_path: Path) -> None:
    libreoffice._write_settings(tmp_path)
    registry = "{http://openoffice.org/2001/registry}"
    items = fromstring((tmp_path / "user" / "registrymodifications.xcu").read_bytes())
    found = {(item.get(f"{registry}path"), item[0].get(f"{registry}name")): item[0][0].text for item in items}
    scripting = "/org.openoffice.Office.Common/Security/Scripting"
    assert found[scripting, "MacroSecurityLevel"] == "3"
    assert found[scripting, "DisableMacrosExecution"] == "true"
    assert found["/org.openoffice.Office.Calc/Content/Update", "Link"] == "1"
    assert found["/org.openoffice.Inet/Settings", "ooInetHTTPProxyName"] == "127.0.0.1"
