"""What an alert is: its tables, record, states, deduplication, views, history."""
