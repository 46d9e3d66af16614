"""Bulk maturity evaluation of service institutions for small firms, spreadsheets in and spreadsheets out."""

__version__ = "0.1.0"
