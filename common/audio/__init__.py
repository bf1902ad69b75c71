"""Audio: WAV files, resampling and log-mel features inside the graph."""
