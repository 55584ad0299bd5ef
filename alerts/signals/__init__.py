"""Signals of devices (panels, buttons, sensors): their form, their bounds, what they become."""
