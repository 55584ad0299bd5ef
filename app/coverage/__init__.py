"""How much of the time cameras saw: written down by the centre, shown on screens."""
