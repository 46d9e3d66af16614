"""The sheet of an institution's report that recomputes its result with live formulas."""
