"""Positions of units: taken in, judged, shown with their age; ways by road."""
