"""Weather: wide haze found, reported, and its cameras."""
