"""The kinds of delivery target: one file each, found by `alerts.delivery.registry`."""
