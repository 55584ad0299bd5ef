"""Phones that send their pictures (WHIP), as cameras for a while."""
