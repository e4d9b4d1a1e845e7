"""Compares a bucket with files: every listed object is there, equal byte for byte, and nothing else is.

Usage: read_back.py oss2|boto3 MANIFEST, a JSON list of {"key", "path"}; the store's address and key come from STORE_* variables.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

ENDPOINT = os.environ["STORE_ENDPOINT"]
BUCKET = os.environ["STORE_BUCKET"]
REGION = os.environ["STORE_REGION"]
KEY_ID = os.environ["STORE_KEY_ID"]
SECRET = os.environ["STORE_SECRET"]
PIECE = 1024 * 1024


def oss2_client():
    import oss2

    auth = oss2.ProviderAuthV4(oss2.credentials.StaticCredentialsProvider(KEY_ID, SECRET))
    bucket = oss2.Bucket(auth, ENDPOINT, BUCKET, region=REGION, is_path_style=True)

    def keys():
        return [entry.key for entry in oss2.ObjectIteratorV2(bucket, max_keys=1000)]

    return keys, lambda key: bucket.get_object(key)


def boto3_client():
    import boto3
    from botocore.config import Config

    client = boto3.client(
        "s3",
        endpoint_url=ENDPOINT,
        region_name=REGION,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        config=Config(s3={"addressing_style": "path"}, max_pool_connections=8),
    )

    def keys():
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    return keys, lambda key: client.get_object(Bucket=BUCKET, Key=key)["Body"]


def same(body, path):
    with open(path, "rb") as file:
        while True:
            theirs = body.read(PIECE)
            ours = file.read(len(theirs)) if theirs else file.read(1)
            if theirs != ours:
                return False
            if not theirs:
                return True


def main():
    keys, get = {"oss2": oss2_client, "boto3": boto3_client}[sys.argv[1]]()
    with open(sys.argv[2], encoding="utf-8") as file:
        expected = {entry["key"]: entry["path"] for entry in json.load(file)}
    found = set(keys())
    problems = [f"missing: {key!r}" for key in expected if key not in found]
    problems += [f"unexpected: {key!r}" for key in found if key not in expected]

    def compare(item):
        key, path = item
        return None if key not in found or same(get(key), path) else f"differs: {key!r}"

    with ThreadPoolExecutor(4) as pool:
        problems += [problem for problem in pool.map(compare, expected.items()) if problem]
    if problems:
        sys.exit("\n".join(problems[:20]) + f"\n{len(problems)} problems in {len(expected)} objects")
    print(f"{len(expected)} objects are equal")


main()
