"""What the centre of a city costs: its facilities, panels and units."""
