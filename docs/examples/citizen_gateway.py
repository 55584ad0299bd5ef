"""A gateway between a channel where citizens write and a centre: one JSON object a line.

    MESSAGES_TOKEN=tc_… python citizen_gateway.py https://centre.example zalo < messages.jsonl

Each line is `{"id", "from", "text", "lat", "lon", "at", "files"}` as the channel tells of it, of
which `id` is needed; `files` are paths of photos and films. A message is sent again until the
centre has answered, with its `id` as `ref`, and a file likewise: each is kept once. The token is
never an argument: other users of the machine read those.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

WAITS_S = (0.5, 1, 2, 5, 10, 30)  # then again from the last


def message_of(channel: str, told: dict[str, object]) -> dict[str, object]:
    """Return what the centre is sent of a channel's message."""
    place = {"lat": told["lat"], "lon": told["lon"]} if "lat" in told else None
    return {
        "channel": channel,
        "ref": str(told["id"]),
        "sender": told.get("from"),
        "text": told.get("text"),
        "place": place,
        "at": told.get("at"),
    }


def send(url: str, token: str, content: bytes, media_type: str = "application/json") -> str:
    """Send a message or a file until it is answered; return its id, or why it was refused."""
    request = urllib.request.Request(  # noqa: S310 the centre's own address
        url,
        data=content,
        headers={"Authorization": f"Bearer {token}", "Content-Type": media_type},
    )
    for turn in range(1_000_000):
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:  # noqa: S310
                return str(json.load(answer)["id"])
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code not in (408, 429):
                return f"refused: {json.load(error)['detail']}"
        except OSError:
            pass  # not reached: it will be
        time.sleep(WAITS_S[min(turn, len(WAITS_S) - 1)])
    return "refused: never reached"


def main() -> int:
    """Send every line of stdin; print what became of each."""
    centre, channel = sys.argv[1:3]
    messages = f"{centre}/api/v1/messages"
    token = os.environ["MESSAGES_TOKEN"]
    for line in sys.stdin:
        if line.strip():
            told = json.loads(line)
            answer = send(messages, token, json.dumps(message_of(channel, told)).encode())
            sys.stdout.write(f"{told['id']} {answer}\n")
            for path in [] if answer.startswith("refused") else told.get("files", []):
                file = Path(path).read_bytes()
                media = f"{messages}/{answer}/media"
                sent = send(media, token, file, "application/octet-stream")
                sys.stdout.write(f"{told['id']} {path} {sent}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
