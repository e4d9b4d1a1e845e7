"""botocore's signers for S3, by header and by query, at a given time."""

from types import SimpleNamespace
from urllib.parse import urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode, percent_encode_sequence

import signer_lines

clock = None
botocore.auth.get_current_datetime = lambda *_, **__: clock.replace(tzinfo=None)


def remembering(signer):
    class Remembering(signer):
        def canonical_request(self, request):
            self.canonical = super().canonical_request(request)
            return self.canonical

        def string_to_sign(self, request, canonical_request):
            self.text = super().string_to_sign(request, canonical_request)
            return self.text

        def signature(self, string_to_sign, request):
            self.made = super().signature(string_to_sign, request)
            return self.made

    return Remembering


ByHeader = remembering(botocore.auth.S3SigV4Auth)
ByQuery = remembering(botocore.auth.S3SigV4QueryAuth)


def url_of(case):
    """The address as botocore's serializer makes it: paths with `/~` kept, everything encoded once."""
    endpoint = urlsplit(case["endpoint"])
    host, path = endpoint.netloc, "/"
    key = None if case["key"] is None else percent_encode(case["key"], safe="/~")
    if case["addressing"] == "virtual":
        host = f"{case['bucket']}.{host}"
        path += key or ""
    else:
        path += case["bucket"] if key is None else f"{case['bucket']}/{key}"
    query = percent_encode_sequence([tuple(pair) for pair in case["query"]])
    return f"{endpoint.scheme}://{host}{path}" + (f"?{query}" if query else "")


def sign(case):
    global clock
    clock = signer_lines.moment(case)
    credentials = Credentials(case["access_key_id"], case["access_key_secret"], case["security_token"])
    request = AWSRequest(case["method"], url_of(case), data=case["body"].encode())
    for name, value in case["headers"]:
        # Adds where the name is there already.
        request.headers[name] = value
    request.context["client_config"] = SimpleNamespace(s3={"payload_signing_enabled": case["payload"] == "signed"})
    if case["form"] == "header":
        signer = ByHeader(credentials, case["product"], case["region"])
    else:
        request.data = b""
        signer = ByQuery(credentials, case["product"], case["region"], expires=case["expires"])
    signer.add_auth(request)
    return signer_lines.answer(signer.made, signer.text, request.url, request.headers.items(), signer.canonical)


signer_lines.run(sign, [])
