"""What the centre does about wide weather."""
