"""What makes a centre one of several: its name, who leads, and what only the leader does."""
