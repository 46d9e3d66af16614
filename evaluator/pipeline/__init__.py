"""The one place that composes the steps over many files: read, settle, judge, score, report.

Owns: the order of the steps and who works on them. Prints nothing.
"""

from evaluator.pipeline.main import Checked, check, evaluate, score, write_results
from evaluator.pipeline.progress import Progress, no_progress
from evaluator.pipeline.setup import Setup, workers_for
from evaluator.pipeline.templates import write_templates

__all__ = [
    "Checked",
    "Progress",
    "Setup",
    "check",
    "evaluate",
    "no_progress",
    "score",
    "workers_for",
    "write_results",
    "write_templates",
]
