"""A client in Python, with nothing but its library: one governed execution, then the record that its receipt names.

CHANCERY_TOKEN is the caller's, CHANCERY_URL where Chancery answers. `python3 examples/client/client.py`
"""

import json
import os
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path

URL = os.environ.get("CHANCERY_URL", "http://127.0.0.1:8787")
TOKEN = os.environ["CHANCERY_TOKEN"]


def ask(path: str, body: bytes | None = None, **headers: str) -> dict:
    """The answer as JSON; ends with the problem (RFC 9457) when it is refused."""
    request = urllib.request.Request(URL + path, data=body, headers={"Authorization": f"Bearer {TOKEN}", **headers})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        problem = json.load(refused)
        for reason in problem.get("reasons", []):
            print(f"  {reason.get('path', '')} {reason['code']}: {reason['message']}", file=sys.stderr)
        sys.exit(f"{problem['code']}: {problem['error']} (trace {problem.get('trace_id')})")


def main() -> None:
    # The same key gives the first answer again: a request whose answer was lost may be repeated with it.
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    request = Path(__file__).with_name("request.json").read_bytes()
    answer = ask("/workflows/governed/execute", request, **headers)
    print(answer["governance_summary"])

    receipt = answer["receipt"]
    entry = ask(f"/ledger/entries/{receipt['id']}")
    if entry["record_hash"] != receipt["record_hash"]:
        sys.exit("the record is not what the receipt promised")
    print(f"record {receipt['id']}, {entry['record']['type']}, is what the receipt promised")


if __name__ == "__main__":
    main()
