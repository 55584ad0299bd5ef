"""The figures of a period: counts, response delays, alarm load, the situation."""
