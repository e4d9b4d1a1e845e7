"""The signers of the first OSS SDK for Python, V1 and V4, by header and by query, at a given time."""

import datetime
import time
from urllib.parse import parse_qs, urlsplit

import oss2
from oss2.api import _UrlMaker

import signer_lines

clock = None


class FrozenDatetime(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return clock.replace(tzinfo=None)


# What the signers ask for the time: V4 the one, V1 the other.
oss2.auth.datetime = FrozenDatetime
time.time = lambda: clock.timestamp()


def remembering(signer, *methods):
    """A signer that keeps what its private methods gave last. The methods stay as they are."""
    last = {}

    def remember(name):
        private = f"_{signer.__name__}__{name}"
        original = getattr(signer, private)

        def method(self, *arguments):
            last[name] = original(self, *arguments)
            return last[name]

        return private, method

    return type("Remembering", (signer,), dict(remember(name) for name in methods)), last


V1, v1_last = remembering(oss2.ProviderAuth, "get_bytes_to_sign")
V4, v4_last = remembering(oss2.ProviderAuthV4, "get_string_to_sign_bytes", "get_canonical_request_bytes")


def sign(case):
    global clock
    clock = signer_lines.moment(case)
    v1 = case["scheme"] == "v1"
    bucket, key = case["bucket"] or "", case["key"] or ""
    maker = _UrlMaker(case["endpoint"], case["addressing"] == "cname", case["addressing"] == "path")
    cloud_box = case["region"] if case["product"] == "oss-cloudbox" else None
    request = oss2.http.Request(
        case["method"],
        maker(bucket, key, slash_safe=True),
        params=dict(case["query"]),
        headers=dict(case["headers"]),
        # A CloudBox's id takes its place.
        region="elsewhere" if cloud_box else case["region"],
        product=case["product"],
        cloudbox_id=cloud_box,
    )
    provider = oss2.credentials.StaticCredentialsProvider(
        case["access_key_id"], case["access_key_secret"], case["security_token"])
    auth = (V1 if v1 else V4)(provider)
    additional = () if v1 else (case["additional"],)
    if case["form"] == "header":
        auth._sign_request(request, bucket, key, *additional)
        url = request.url + "?" + "&".join(oss2.auth._param_to_quoted_query(*pair) for pair in request.params.items())
        words = request.headers["authorization"].replace("Signature=", ":").rsplit(":", 1)
        signature = words[1].split(",")[0]
    else:
        url = auth._sign_url(request, bucket, key, case["expires"], *additional)
        # It stands in the place of the time in V1's text, and is not sent.
        request.headers.pop("date", None)
        signature = parse_qs(urlsplit(url).query)["Signature" if v1 else "x-oss-signature"][0]
    if v1:
        return signer_lines.answer(signature, v1_last["get_bytes_to_sign"], url, request.headers.items())
    return signer_lines.answer(
        signature, v4_last["get_string_to_sign_bytes"], url, request.headers.items(), v4_last["get_canonical_request_bytes"])


signer_lines.run(sign, oss2.ProviderAuth._subresource_key_set)
