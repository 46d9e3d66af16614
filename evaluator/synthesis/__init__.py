"""Synthetic rounds: invented institutions that return believable forms, with faults planted on request.

Owns: making a roster, returned files and the list of what was planted. Knows nothing of scores, reports or commands.
"""
