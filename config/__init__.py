"""What the site decided: typed, validated and frozen. Imports nothing of ours.

A `thapcanh.toml` and the files of `cameras.d/` enter; one `Site` leaves, with every problem found
on the way, each with its path. A bad camera or rule is set aside; the rest run.
"""
