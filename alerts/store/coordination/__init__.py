"""What several centres agree on through their one PostgreSQL archive: who leads, what changed."""
