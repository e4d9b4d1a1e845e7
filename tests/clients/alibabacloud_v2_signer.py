"""The signers of the second OSS SDK for Python, V1 and V4, by header and by query, at a given time."""

import datetime
from types import SimpleNamespace
from urllib.parse import parse_qs, quote, urlencode, urlparse, urlsplit

import alibabacloud_oss_v2 as oss
from alibabacloud_oss_v2._client import AddressStyle, _build_url
from alibabacloud_oss_v2.signer import SignerV1, SignerV4
from alibabacloud_oss_v2.types import HttpRequest, OperationInput, SigningContext

import signer_lines

# Sub-resources that V1's own list lacks: the SDK's operations name theirs with each request.
NAMED_BY_OPERATIONS = [
    "accessPoint", "bucketArchiveDirectRead", "cname", "comp", "cors", "encryption", "httpsConfig", "inventory",
    "inventoryId", "lifecycle", "logging", "policy", "publicAccessBlock", "redundancyTransition", "referer",
    "replication", "requestPayment", "style", "styleName", "transferAcceleration", "website", "worm", "wormExtend",
    "wormId", "x-oss-access-point-name", "x-oss-process", "x-oss-target-redundancy-type",
]

STYLES = {"virtual": AddressStyle.Virtual, "path": AddressStyle.Path, "cname": AddressStyle.CName}


class RememberingV4(SignerV4):
    def _calc_canonical_request(self, *arguments, **named):
        self.canonical_request = super()._calc_canonical_request(*arguments, **named)
        return self.canonical_request


def sign(case):
    place = OperationInput(op_name="", method=case["method"], bucket=case["bucket"], key=case["key"])
    url = _build_url(place, SimpleNamespace(endpoint=urlparse(case["endpoint"]), address_style=STYLES[case["addressing"]]))
    if case["query"]:
        url += "?" + urlencode([tuple(pair) for pair in case["query"]], quote_via=quote)
    request = HttpRequest(case["method"], url, headers=dict(case["headers"]))
    context = SigningContext(
        product=case["product"],
        region=case["region"],
        bucket=case["bucket"],
        key=case["key"],
        request=request,
        credentials=oss.credentials.Credentials(
            case["access_key_id"], case["access_key_secret"], case["security_token"]),
        signing_time=signer_lines.moment(case),
        additional_headers=set(case["additional"]),
    )
    context.sub_resource = NAMED_BY_OPERATIONS
    context.auth_method_query = case["form"] == "presign"
    context.expiration_time = context.signing_time + datetime.timedelta(seconds=case["expires"])
    v1 = case["scheme"] == "v1"
    signer = SignerV1() if v1 else RememberingV4()
    signer.sign(context)
    if context.auth_method_query:
        signature = parse_qs(urlsplit(request.url).query)["Signature" if v1 else "x-oss-signature"][0]
    else:
        signature = request.headers["authorization"].replace("Signature=", ":").rsplit(":", 1)[1]
    canonical = None if v1 else signer.canonical_request
    return signer_lines.answer(signature, context.string_to_sign, request.url, request.headers.items(), canonical)


signer_lines.run(sign, list(SignerV1._subresource_key_set) + NAMED_BY_OPERATIONS)
