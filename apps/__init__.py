"""One package per task; run each as `python -m apps.<name>`."""
