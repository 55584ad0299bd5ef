"""Workers as the queue knows them: their keys, their parts, their reports."""
