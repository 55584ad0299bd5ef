"""The phone of a crew in the field, and what officers see of it."""
