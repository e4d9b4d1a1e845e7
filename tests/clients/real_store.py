"""A real S3 server seen by boto3. The store's address and key come from STORE_* variables. Usage:

real_store.py make BUCKET...          makes the buckets, and stores and removes an object: a server may answer before it can store
real_store.py describe BUCKET KEY     HeadObject's fields and the object's tags, as JSON
real_store.py uploads BUCKET          the keys of all open uploads, as JSON
real_store.py keep_versions BUCKET    enables versioning
real_store.py versions BUCKET         key, id and kind of all versions and delete markers, as JSON
"""

import json
import os
import sys

import boto3
from botocore.config import Config

client = boto3.client(
    "s3",
    endpoint_url=os.environ["STORE_ENDPOINT"],
    region_name="us-east-1",
    aws_access_key_id=os.environ["STORE_KEY_ID"],
    aws_secret_access_key=os.environ["STORE_SECRET"],
    config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}, connect_timeout=2, read_timeout=20),
)


def make(*buckets):
    there = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
    for bucket in buckets:
        if bucket not in there:
            client.create_bucket(Bucket=bucket)
        client.put_object(Bucket=bucket, Key=".ready", Body=b"1")
        client.delete_object(Bucket=bucket, Key=".ready")


def describe(bucket, key):
    fields = client.head_object(Bucket=bucket, Key=key)
    fields.pop("ResponseMetadata")
    tagging = client.get_object_tagging(Bucket=bucket, Key=key)
    # Without any tag, some servers leave the set out.
    fields["Tags"] = {tag["Key"]: tag["Value"] for tag in tagging.get("TagSet", [])}
    print(json.dumps(fields, default=str))


def uploads(bucket):
    pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket)
    print(json.dumps([upload["Key"] for page in pages for upload in page.get("Uploads", [])]))


def keep_versions(bucket):
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def versions(bucket):
    found = []
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for kind in ("Versions", "DeleteMarkers"):
            found += [[row["Key"], row["VersionId"], kind] for row in page.get(kind, [])]
    print(json.dumps(sorted(found)))


COMMANDS = {
    "make": make,
    "describe": describe,
    "uploads": uploads,
    "keep_versions": keep_versions,
    "versions": versions,
}
COMMANDS[sys.argv[1]](*sys.argv[2:])
