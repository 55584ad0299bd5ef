"""What all cameras of a city cost the centre."""
