"""The form: its layout, which writer and reader share, the writer and the reader."""
