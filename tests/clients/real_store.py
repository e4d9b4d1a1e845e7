"""A real S3 server seen by boto3. Usage: real_store.py ready|compare FOLDER; the store's address and key come from STORE_* variables.

`ready` makes the bucket. `compare` holds every object whose key is PREFIX/files/NAME against FOLDER/NAME, byte for byte.
"""

import os
import sys

import boto3
from botocore.config import Config

BUCKET = os.environ["STORE_BUCKET"]
client = boto3.client(
    "s3",
    endpoint_url=os.environ["STORE_ENDPOINT"],
    region_name="us-east-1",
    aws_access_key_id=os.environ["STORE_KEY_ID"],
    aws_secret_access_key=os.environ["STORE_SECRET"],
    config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}, connect_timeout=2, read_timeout=20),
)


def ready():
    client.create_bucket(Bucket=BUCKET)
    # The server may answer before it can store.
    client.put_object(Bucket=BUCKET, Key=".ready", Body=b"1")
    client.delete_object(Bucket=BUCKET, Key=".ready")


def compare():
    folder = sys.argv[2]
    equal = 0
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for entry in page.get("Contents", []):
            name = entry["Key"].split("files/", 1)[1]
            with open(os.path.join(folder, name), "rb") as file:
                if client.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read() != file.read():
                    sys.exit(f"differs: {entry['Key']!r}")
            equal += 1
    uploads = client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    print(f"{equal} objects are equal, {len(uploads)} uploads are open")


{"ready": ready, "compare": compare}[sys.argv[1]]()
