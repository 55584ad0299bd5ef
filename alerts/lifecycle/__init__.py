"""Lifecycle of events and alerts.

`consumer` and `message_intake` bring messages into the archive and open or join alerts; `commands`
and `transitions` apply what officers and time do to them; `archive` is the facade.
"""
