"""MIDI files: their notes, and the notes as piano rolls, voices, melodies."""
