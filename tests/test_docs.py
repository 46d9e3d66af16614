"""The documents say what is so: README commands run, every finding code is explained, both READMEs agree."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
README_ZH = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")


def blocks(text: str) -> list[str]:
    return re.findall(r"^```(?:bash|powershell)?\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def test_both_readmes_hold_the_same_commands() -> None:
    assert sorted(map(_bare, blocks(README))) == sorted(map(_bare, blocks(README_ZH)))


def _bare(block: str) -> str:
    return "\n".join(line.partition("#")[0].rstrip() for line in block.splitlines())


def test_the_readmes_main_command_runs_on_the_samples(tmp_path: Path) -> None:
    command = re.search(r"evaluator (score samples/.*)", README)
    assert command is not None
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    done = subprocess.run(
        [sys.executable, "-m", "evaluator", *shlex.split(command[1])],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    assert (tmp_path / "results" / "ranking.xlsx").is_file()


def test_every_option_the_readmes_name_exists() -> None:
    from evaluator.cli import cli

    known = {"--help"}
    commands = list(cli.commands.values())
    for command in commands:
        commands.extend(getattr(command, "commands", {}).values())
        known.update(option for parameter in command.params for option in parameter.opts)
    used = set(re.findall(r"evaluator [a-z][^`\n]*", README + README_ZH))
    options = {option for line in used for option in re.findall(r"--[a-z-]+", line)}
    assert options <= known


def test_links_of_the_documents_lead_somewhere() -> None:
    for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "samples/README.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert ((ROOT / name).parent / target).exists(), (name, target)


@pytest.mark.parametrize("name", ["click", "pandas", "pebble", "pydantic", "xlsxwriter", "openpyxl", "rich"])
def test_every_dependency_has_its_reason(name: str) -> None:
    assert f"| {name} |" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
