"""Music: composes, continues and harmonizes."""
