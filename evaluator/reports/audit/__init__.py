"""The sample for verification on site: its record, workbook, draw and estimates."""
