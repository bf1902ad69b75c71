"""Speed, measured in one run beside a named reference."""
