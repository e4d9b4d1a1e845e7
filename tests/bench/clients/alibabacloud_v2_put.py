"""The second OSS SDK's Uploader, with its defaults: 6 MiB parts, three threads."""

import alibabacloud_oss_v2 as oss

from common import BUCKET, ENDPOINT, REGION, each_file

config = oss.config.load_default()
config.credentials_provider = oss.credentials.EnvironmentVariableCredentialsProvider()
config.region = REGION
config.endpoint = ENDPOINT
client = oss.Client(config)


def send(path, name):
    request = oss.PutObjectRequest(bucket=BUCKET, key=f"v2/{name}")
    client.uploader().upload_file(request, path)


each_file(send)
