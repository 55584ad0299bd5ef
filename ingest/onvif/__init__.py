"""ONVIF client: discovery, facts, settings and PTZ. The caller retries."""
