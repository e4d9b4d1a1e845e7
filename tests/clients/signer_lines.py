"""Requests come in on standard input, one JSON object a line; how a vendor's own signer signs each goes out the same way.

With the argument `names`, the names of the query parameters that this signer counts as sub-resources go out instead.
"""

import datetime
import json
import sys

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def moment(case):
    """When the case is signed, to the millisecond."""
    return EPOCH + datetime.timedelta(milliseconds=case["epoch_ms"])


def answer(signature, string_to_sign, url, headers, canonical_request=None):
    """What is compared. Headers without a value are those that a client keeps its transport from adding."""
    held = {name.lower(): value for name, value in headers if value is not None}
    return {
        "signature": signature,
        "string_to_sign": text(string_to_sign),
        "canonical_request": text(canonical_request),
        "authorization": held.pop("authorization", None),
        "url": url,
        "headers": held,
    }


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def run(sign, names):
    if sys.argv[1:] == ["names"]:
        print(json.dumps(sorted(names)))
        return
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps(sign(json.loads(line))))
        sys.stdout.write("\n")
