"""The answerer, and the three networks of which it has one."""
