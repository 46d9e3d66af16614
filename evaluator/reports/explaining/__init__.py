"""Explaining one institution's result: what is explained, in equations that add up as printed, as text and as JSON."""
