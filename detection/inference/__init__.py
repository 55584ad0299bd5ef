"""Inference: loop, scheduler, batching and region inference."""
