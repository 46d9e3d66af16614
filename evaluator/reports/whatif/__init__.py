"""What other rules would do with the same answers, as workbook and summary."""
