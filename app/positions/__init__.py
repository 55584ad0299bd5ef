"""Positions of units: received, checked and shown with their age; routes by road."""
