"""Signals of devices (panels, buttons, sensors): their form, their bounds, and what they become."""
