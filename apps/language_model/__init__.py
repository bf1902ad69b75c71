"""Language models: a text in, what follows out, and how probable it is."""
