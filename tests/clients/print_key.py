"""A credential command: prints a key in the form of its first argument, with all the others as the secret."""

import json
import sys

FORMS = {
    "aws": {"Version": 1, "Expiration": "2999-01-01T00:00:00Z", "AccessKeyId": "", "SecretAccessKey": "", "SessionToken": "token"},
    "cli": {"mode": "StsToken", "expiration": "2999-01-01T00:00:00Z", "access_key_id": "", "access_key_secret": "", "sts_token": "token"},
}

form = FORMS[sys.argv[1]]
names = [name for name, value in form.items() if value == ""]
form.update(zip(names, ["id-" + sys.argv[1], json.dumps(sys.argv[2:], ensure_ascii=False)]))
print(json.dumps(form))
