"""XlsxWriter with a fast lane; the one place that reaches into XlsxWriter, whose version is pinned for that."""
