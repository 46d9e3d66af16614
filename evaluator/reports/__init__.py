"""From results to what people open: ranking, institution and regulator workbooks, the database, the manifest."""
