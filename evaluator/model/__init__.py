"""What is asked and how it is judged: frozen records, the file format, its lint, the built-in models as data."""
