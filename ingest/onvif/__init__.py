"""Cameras asked by ONVIF: found on a network, described, set, turned. Retries are the caller's."""
