"""The trainer, its loop, and all that makes a run resumable."""
