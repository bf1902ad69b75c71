"""The page of an app: its form, and the views of its answers."""
