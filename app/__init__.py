"""Every face and all wiring.

A folder is a feature (its routes, its schemas, what runs by the clock, its commands), what all
features share (`web_api`, `stream`, `process`, `site`), or a process that lists features and
starts them (`centre`, `worker`, `cluster`, `supervisor`, `cli`, `simulator`, `evaluation`).
"""
