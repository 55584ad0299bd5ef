"""Packets to frames: the decoder, and the policies that decide which packets are decoded."""
