"""What a program's token can be made for; each endpoint names at most one in `app/api/auth/token_access`."""

from enum import StrEnum


class TokenScope(StrEnum):
    """A kind of use; a token has one or more, within what its roles may do."""

    READ = "read"  # alerts, their changes, cameras, reports: words and figures
    PICTURES = "pictures"  # evidence and live view
    EXPORT = "export"  # files that leave the screen; each is logged
    ANSWER = "answer"  # acknowledge, give verdicts, close
