"""boto3's managed upload, with its defaults: 8 MiB parts, ten threads."""

import boto3
from botocore.config import Config

from common import BUCKET, ENDPOINT, FILES_SIDE_BY_SIDE, REGION, each_file

CONNECTIONS = Config(max_pool_connections=FILES_SIDE_BY_SIDE, s3={"addressing_style": "path"})
client = boto3.client("s3", endpoint_url=ENDPOINT, region_name=REGION, config=CONNECTIONS)
each_file(lambda path, name: client.upload_file(path, BUCKET, f"boto3/{name}"))
