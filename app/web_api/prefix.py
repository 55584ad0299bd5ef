"""URL prefix of the API."""

PREFIX = "/api/v1"
