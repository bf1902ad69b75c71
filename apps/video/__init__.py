"""Labels each frame of a clip."""
