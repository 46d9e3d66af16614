"""Benchmarks: how fast the program is against the bare cost of the work and against what a user would write instead.

Each measures its lanes in one run, in turn, and prints ratios beside the goals. Nothing is asserted: figures differ
from machine to machine, and README.md keeps those of one. `python -m tests.benchmarks` runs them.
"""
