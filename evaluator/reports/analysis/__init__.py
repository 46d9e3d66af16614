"""The analysis of the questionnaire itself, as workbook, words and JSON."""
