"""Data sets, records, archives, downloads, and batches."""
