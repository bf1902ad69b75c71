"""The command line: flags, help, and recipes."""
