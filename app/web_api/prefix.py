"""Where the API begins in every URL."""

PREFIX = "/api/v1"
