"""Cameras' own events (ONVIF PullPoint): listened to, as reasons to wake and as alerts of rules."""
