"""The one place that composes the steps over many files: read, settle, judge, score, report.

Owns: the order of the steps and who works on them. Prints nothing.
"""

from evaluator.pipeline.correction_files import Corrections, write_corrections
from evaluator.pipeline.corrections import MadeCorrection, correct
from evaluator.pipeline.main import Checked, check, evaluate, score, write_results
from evaluator.pipeline.progress import Progress, no_progress
from evaluator.pipeline.rounds import check_round, score_round, write_round_corrections
from evaluator.pipeline.setup import Setup, workers_for
from evaluator.pipeline.templates import write_packages, write_templates
from evaluator.pipeline.verifying import verify

__all__ = [
    "Checked",
    "Corrections",
    "MadeCorrection",
    "Progress",
    "Setup",
    "check",
    "check_round",
    "correct",
    "evaluate",
    "no_progress",
    "score",
    "score_round",
    "verify",
    "workers_for",
    "write_corrections",
    "write_packages",
    "write_results",
    "write_round_corrections",
    "write_templates",
]
