"""What makes a centre one of several: its name, and what only the leader does.

Who leads: `alerts/store/coordination/leadership.py`.
"""
