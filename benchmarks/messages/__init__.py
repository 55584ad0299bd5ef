"""What an hour of 10,000 messages of citizens costs a desk."""
