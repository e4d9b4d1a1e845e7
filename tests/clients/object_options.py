"""Compares what a store says about objects with what they were told to be, asked by the vendors' own clients.

Usage: object_options.py oss2|boto3 MANIFEST, a JSON list of {"key", "expected"}, where "expected" holds any of: storageClass, acl,
encryption, kmsKeyId, contentType, cacheControl, contentDisposition, contentEncoding, metadata (a map), tags (a map), sha256 (of the
object's bytes). The store's address and key come from STORE_* variables.
"""

import hashlib
import json
import os
import sys
import urllib.parse

ENDPOINT = os.environ["STORE_ENDPOINT"]
BUCKET = os.environ["STORE_BUCKET"]
REGION = os.environ["STORE_REGION"]
KEY_ID = os.environ["STORE_KEY_ID"]
SECRET = os.environ["STORE_SECRET"]
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"


def plain(values):
    """Metadata as it was meant: what a header cannot carry was percent-encoded."""
    return {name.lower(): urllib.parse.unquote(value) for name, value in values.items()}


def of_oss2():
    import oss2

    auth = oss2.ProviderAuthV4(oss2.credentials.StaticCredentialsProvider(KEY_ID, SECRET))
    bucket = oss2.Bucket(auth, ENDPOINT, BUCKET, region=REGION, is_path_style=True)

    def found(key):
        headers = bucket.head_object(key).headers
        meta = "x-oss-meta-"
        return {
            "storageClass": headers.get("x-oss-storage-class"),
            "acl": bucket.get_object_acl(key).acl,
            "encryption": headers.get("x-oss-server-side-encryption"),
            "kmsKeyId": headers.get("x-oss-server-side-encryption-key-id"),
            "contentType": headers.get("content-type"),
            "cacheControl": headers.get("cache-control"),
            "contentDisposition": headers.get("content-disposition"),
            "contentEncoding": headers.get("content-encoding"),
            "metadata": plain({name[len(meta):]: value for name, value in headers.items() if name.lower().startswith(meta)}),
            "tags": dict(bucket.get_object_tagging(key).tag_set.tagging_rule),
            "sha256": hashlib.sha256(bucket.get_object(key).read()).hexdigest(),
        }

    return found


def of_boto3():
    import boto3
    from botocore.config import Config

    client = boto3.client(
        "s3",
        endpoint_url=ENDPOINT,
        region_name=REGION,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        config=Config(s3={"addressing_style": "path"}),
    )

    def acl(key):
        grants = client.get_object_acl(Bucket=BUCKET, Key=key)["Grants"]
        everybody = {grant["Permission"] for grant in grants if grant["Grantee"].get("URI") == ALL_USERS}
        return {frozenset(): "private", frozenset({"READ"}): "public-read"}.get(frozenset(everybody), "public-read-write")

    def found(key):
        head = client.head_object(Bucket=BUCKET, Key=key)
        tags = client.get_object_tagging(Bucket=BUCKET, Key=key)["TagSet"]
        return {
            # S3 says nothing of the standard class.
            "storageClass": head.get("StorageClass", "STANDARD"),
            "acl": acl(key),
            "encryption": head.get("ServerSideEncryption"),
            "kmsKeyId": head.get("SSEKMSKeyId"),
            "contentType": head.get("ContentType"),
            "cacheControl": head.get("CacheControl"),
            "contentDisposition": head.get("ContentDisposition"),
            "contentEncoding": head.get("ContentEncoding"),
            "metadata": plain(head["Metadata"]),
            "tags": {tag["Key"]: tag["Value"] for tag in tags},
            "sha256": hashlib.sha256(client.get_object(Bucket=BUCKET, Key=key)["Body"].read()).hexdigest(),
        }

    return found


def main():
    found = {"oss2": of_oss2, "boto3": of_boto3}[sys.argv[1]]()
    with open(sys.argv[2], encoding="utf-8") as file:
        manifest = json.load(file)
    problems = []
    for entry in manifest:
        there = found(entry["key"])
        there["metadata"].pop("ferry-id", None)
        for name, expected in entry["expected"].items():
            if there[name] != expected:
                problems.append(f"{entry['key']!r}: {name} is {there[name]!r}, not {expected!r}")
    if problems:
        sys.exit("\n".join(problems))
    print(f"{len(manifest)} objects are as they were told to be")


main()
