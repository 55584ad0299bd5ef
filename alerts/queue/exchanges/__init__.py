"""What travels through the queue beside events: habit maps, and where turned cameras look."""
