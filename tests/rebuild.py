"""Make again what the program makes and the repository keeps: `python -m tests.rebuild templates|samples|pictures`.

`templates` are the blank questionnaires of the built-in model in both languages; a test holds them to the model byte
for byte. `samples` is a small synthetic round with faults, some files of which LibreOffice has re-saved: those differ
from run to run in LibreOffice's own marks, so they are made rarely and by hand.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from evaluator.model.files import load_model
from evaluator.pipeline import write_templates
from evaluator.synthesis.round import make_round
from evaluator.wording import LANGS
from tests.libreoffice import require_libreoffice, resave

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
SAMPLES = ROOT / "samples"
RESAVED = ("SME0002", "SME0008", "SME0009")
"""Institutions of the samples whose files LibreOffice has re-saved."""


def templates(folder: Path = TEMPLATES) -> None:
    """Write the blank questionnaires of the built-in model, a folder for each language."""
    model = load_model()
    for lang in LANGS:
        write_templates(folder / lang, model, lang, force=True)


def samples(folder: Path = SAMPLES) -> None:
    """Make the sample round, and let LibreOffice re-save some institutions' files."""
    require_libreoffice()
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary) / "round"
        make_round(made, load_model(), "zh", institutions=12, seed=7, faults=True)
        for path in sorted((made / "returned").glob("*.xlsx")):
            if path.name.startswith(RESAVED):
                shutil.copyfile(resave(path, Path(temporary) / "resaved"), path)
        for old in (folder / "returned", folder / "roster.xlsx", folder / "planted.json"):
            if old.is_dir():
                shutil.rmtree(old)
            else:
                old.unlink(missing_ok=True)
        shutil.copytree(made, folder, dirs_exist_ok=True)


if __name__ == "__main__":
    {"templates": templates, "samples": samples}[sys.argv[1]]()
