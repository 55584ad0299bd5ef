"""Detectors: weights, inputs and outputs of the model."""
