"""oss2's resumable upload, with V4 signatures and four threads; its default is one."""

import os

import oss2

from common import BUCKET, ENDPOINT, PATH, REGION, each_file

auth = oss2.ProviderAuthV4(oss2.credentials.EnvironmentVariableCredentialsProvider())
bucket = oss2.Bucket(auth, ENDPOINT, BUCKET, region=REGION, is_path_style=True)


def send(path, name):
    if os.path.isfile(PATH):
        oss2.resumable_upload(bucket, f"oss2/{name}", path, num_threads=4)
    else:
        bucket.put_object_from_file(f"oss2/{name}", path)


each_file(send)
