"""Accounts kept by admins: the one service behind the settings screen and `thapcanh user`."""
