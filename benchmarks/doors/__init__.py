"""The parts of `benchmarks.door_floods`: a centre, requests, attacks."""
