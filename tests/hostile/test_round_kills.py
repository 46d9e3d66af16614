"""A round survives a kill at any moment: fault injection over every write, sync, rename and removal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.libreoffice import REQUIRE_ALL

HERE = Path(__file__).parent
COMPILER = shutil.which("cc") or ""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="takes Linux")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What kills a process at its n-th act on the file system."""
    if not COMPILER and os.environ.get(REQUIRE_ALL) == "1":
        pytest.fail(f"a C compiler (cc) is missing and {REQUIRE_ALL}=1")
    if not COMPILER:
        pytest.skip("a C compiler (cc) is not installed")
    made = tmp_path_factory.mktemp("killing") / "killing.so"
    source = HERE / "killing.c"
    subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-o", str(made), str(source), "-ldl"], check=True)
    return made


@pytest.mark.parametrize(("scenario", "least"), [("missing", 60), ("empty", 60), ("roster", 40), ("steps", 150)])
def test_killed_at_any_act_a_round_is_whole_or_there_is_none(
    tmp_path: Path, library: Path, scenario: str, least: int
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.hostile.killing", scenario, str(tmp_path)],
        env={**os.environ, "LD_PRELOAD": str(library), "EVALUATOR_OPERATOR": "tester", "PYTHONWARNINGS": "ignore"},
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    assert found["wrong"] == []
    assert found["kills"] >= least
