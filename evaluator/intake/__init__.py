"""From paths to the returns that count: finding files, guarding the reader, whose a form is, which counts."""
