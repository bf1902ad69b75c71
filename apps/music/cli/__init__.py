"""Files in, files out; pictures and sound."""
