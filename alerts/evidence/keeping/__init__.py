"""How long evidence stays: legal holds, what is closed, what is deleted when."""
