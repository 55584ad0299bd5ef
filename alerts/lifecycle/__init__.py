"""What becomes of events and alerts, in the order of time.

`consumer` and `message_intake` bring messages into the archive and open or join alerts; `commands`
and `transitions` carry out what officers and time do to them; `archive` is the door to it all.
"""
