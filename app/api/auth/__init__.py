"""Who asks and what they may: accounts, sessions, OpenID Connect, permissions, tokens."""
