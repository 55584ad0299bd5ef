"""Run by Kamailio for one event of a call: tells the centre by its webhook, as an exchange would.

Arguments: event, address of the webhook, file with the token. Headers come by environment.
"""

import json
import os
import re
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

event, address, token = sys.argv[1:]
number = re.search(r"sip:([^@;>]+)@", os.environ["SIP_HF_FROM"])
told = {"call_id": os.environ["SIP_HF_CALLID"], "event": event}
if event == "began":
    told |= {"caller": str(number[1]) if number else "", "line": os.environ["SIP_USER"]}
with open(token, encoding="utf-8") as secret:
    bearer = f"Bearer {secret.read().strip()}"
centre = HTTPConnection(urlsplit(address).netloc, timeout=60)
body = json.dumps(told)
headers = {"Authorization": bearer, "Content-Type": "application/json"}
centre.request("POST", urlsplit(address).path, body, headers)
sys.exit(centre.getresponse().status != 202)
