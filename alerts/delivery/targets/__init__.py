"""Kinds of delivery target, one file each; found by `thapcanh.alerts.delivery.registry`."""
