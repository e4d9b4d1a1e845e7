"""boto3 against the sandbox: default checksums and none, path style and virtual host, transfers, presigned URLs."""

import base64
import hashlib
import io
import os
import tempfile
import zlib

import boto3
import botocore.exceptions
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

import common
from common import BUCKET, DOT_KEYS, KEY_ID, MIB, ODD_KEYS, REGION, SECRET, check, payload, same, step


def client(key_id=KEY_ID, secret=SECRET, token=None, endpoint=common.ENDPOINT, style="path", region=REGION, **options):
    config = Config(signature_version="s3v4", s3={"addressing_style": style}, retries={"total_max_attempts": 1}, **options)
    return boto3.client("s3", endpoint_url=endpoint, region_name=region, aws_access_key_id=key_id,
                        aws_secret_access_key=secret, aws_session_token=token, config=config)


def refusal(action):
    """Status and code with which the sandbox refuses `action`."""
    try:
        action()
    except botocore.exceptions.ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
    raise AssertionError("the sandbox did not refuse")


def objects(s3, name):
    data = payload(300_000, 22)
    key = f"{name}/simple.bin"
    put = s3.put_object(Bucket=BUCKET, Key=key, Body=data, ContentType="text/x-test", Metadata={"author": "alice"},
                        CacheControl="max-age=60", StorageClass="STANDARD_IA")
    same(put["ETag"], f'"{hashlib.md5(data).hexdigest()}"', "put etag")
    head = s3.head_object(Bucket=BUCKET, Key=key)
    same((head["ContentLength"], head["ContentType"], head["Metadata"], head["CacheControl"], head["StorageClass"]),
         (len(data), "text/x-test", {"author": "alice"}, "max-age=60", "STANDARD_IA"), "head")
    check("ContentEncoding" not in head, "aws-chunked is not an encoding of the object")
    same(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read(), data, "read back")
    same(s3.get_object(Bucket=BUCKET, Key=key, Range="bytes=5-9")["Body"].read(), data[5:10], "range")
    same(refusal(lambda: s3.get_object(Bucket=BUCKET, Key=key, Range="bytes=400000-")), (416, "InvalidRange"), "range")
    same(refusal(lambda: s3.get_object(Bucket=BUCKET, Key=f"{name}/absent")), (404, "NoSuchKey"), "absent key")
    same(refusal(lambda: s3.head_object(Bucket=BUCKET, Key=f"{name}/absent"))[0], 404, "absent key, HEAD")
    same(refusal(lambda: s3.head_bucket(Bucket="absent-bucket"))[0], 404, "absent bucket")
    same(refusal(lambda: s3.put_object(Bucket=BUCKET, Key=key, Body=b"x", IfNoneMatch="*")),
         (412, "PreconditionFailed"), "If-None-Match")
    wrong = base64.b64encode(hashlib.md5(b"y").digest()).decode()
    same(refusal(lambda: s3.put_object(Bucket=BUCKET, Key=f"{name}/d", Body=b"x", ContentMD5=wrong)),
         (400, "BadDigest"), "Content-MD5")
    same(refusal(lambda: s3.put_object(Bucket=BUCKET, Key="k" * 1025, Body=b"x")), (400, "KeyTooLongError"), "long key")


def checksums(s3, name):
    data = payload(70_000, 23)
    crc32 = base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    put = s3.put_object(Bucket=BUCKET, Key=f"{name}/crc32", Body=data, ChecksumAlgorithm="CRC32")
    same(put["ChecksumCRC32"], crc32, "CRC32")
    sha256 = base64.b64encode(hashlib.sha256(data).digest()).decode()
    put = s3.put_object(Bucket=BUCKET, Key=f"{name}/sha256", Body=data, ChecksumAlgorithm="SHA256")
    same(put["ChecksumSHA256"], sha256, "SHA256")
    head = s3.head_object(Bucket=BUCKET, Key=f"{name}/sha256", ChecksumMode="ENABLED")
    same(head["ChecksumSHA256"], sha256, "SHA256 of HEAD")
    got = s3.get_object(Bucket=BUCKET, Key=f"{name}/crc32", ChecksumMode="ENABLED")
    same(got["Body"].read(), data, "read back, verified by the client")
    same(refusal(lambda: s3.put_object(Bucket=BUCKET, Key=f"{name}/bad", Body=data, ChecksumCRC32="AAAAAA==")),
         (400, "BadDigest"), "a wrong checksum")


def chunked(s3, name):
    """The framing that clients use over https, forced here over http."""
    from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum

    data = payload(3 * MIB + 5, 24)

    def reframe(request, **_):
        wrapper = AwsChunkedWrapper(io.BytesIO(data), checksum_cls=Crc32Checksum,
                                    checksum_name="x-amz-checksum-crc32", chunk_size=65536)
        request.data = wrapper.read()
        for header in ("Content-MD5", "x-amz-checksum-crc32", "Content-Encoding", "Content-Length"):
            del request.headers[header]
        request.headers["Content-Encoding"] = "aws-chunked"
        request.headers["X-Amz-Trailer"] = "x-amz-checksum-crc32"
        request.headers["X-Amz-Decoded-Content-Length"] = str(len(data))
        request.headers["Content-Length"] = str(len(request.data))
        request.context["checksum"] = {"request_algorithm": {"in": "trailer", "algorithm": "crc32"}}

    s3.meta.events.register_first("before-sign.s3.PutObject", reframe)
    put = s3.put_object(Bucket=BUCKET, Key=f"{name}/chunked", Body=data)
    s3.meta.events.unregister("before-sign.s3.PutObject", reframe)
    same(put["ETag"], f'"{hashlib.md5(data).hexdigest()}"', "chunked etag")
    check("ContentEncoding" not in s3.head_object(Bucket=BUCKET, Key=f"{name}/chunked"), "no encoding is left")
    same(s3.get_object(Bucket=BUCKET, Key=f"{name}/chunked")["Body"].read(), data, "chunked read back")


def odd_keys(s3, name):
    keys = ODD_KEYS + DOT_KEYS
    for number, odd in enumerate(keys):
        key = f"{name}/odd/{odd}"
        data = payload(100 + number, number)
        s3.put_object(Bucket=BUCKET, Key=key, Body=data)
        same(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read(), data, key)
        url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=60)
        status, _, found = common.request("GET", url)
        same((status, found), (200, data), f"presigned {key}")
    expected = sorted((f"{name}/odd/{key}" for key in keys), key=str.encode)
    for listing in ("list_objects_v2", "list_objects"):
        pages = s3.get_paginator(listing).paginate(
            Bucket=BUCKET, Prefix=f"{name}/odd/", PaginationConfig={"PageSize": 3})
        same([item["Key"] for page in pages for item in page.get("Contents", [])], expected, listing)
    page = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{name}/odd/dots/", Delimiter="/")
    same([item["Prefix"] for item in page["CommonPrefixes"]], [f"{name}/odd/dots/../", f"{name}/odd/dots/./"], "prefixes")


def multipart(s3, name):
    key = f"{name}/multi 分片+%.bin"
    parts = [payload(5 * MIB, 25), payload(5 * MIB + 1, 26), payload(11, 27)]
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key, Metadata={"kind": "multi"})["UploadId"]
    sent = []
    for number, data in zip((1, 3, 9), parts):
        result = s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=number, Body=data)
        sent.append({"PartNumber": number, "ETag": result["ETag"]})
    pages = s3.get_paginator("list_parts").paginate(
        Bucket=BUCKET, Key=key, UploadId=upload, PaginationConfig={"PageSize": 2})
    same([(part["PartNumber"], part["Size"], part["ETag"]) for page in pages for part in page["Parts"]],
         [(part["PartNumber"], len(data), part["ETag"]) for part, data in zip(sent, parts)], "parts")
    others = [(f"{name}/other {number}", s3.create_multipart_upload(Bucket=BUCKET, Key=f"{name}/other {number}")["UploadId"])
              for number in range(3)]
    pages = s3.get_paginator("list_multipart_uploads").paginate(
        Bucket=BUCKET, Prefix=f"{name}/", PaginationConfig={"PageSize": 2})
    same([(item["Key"], item["UploadId"]) for page in pages for item in page["Uploads"]], [(key, upload)] + others, "open uploads")
    for other, other_id in others:
        s3.abort_multipart_upload(Bucket=BUCKET, Key=other, UploadId=other_id)
    swapped = {"Parts": [sent[1], sent[0]]}
    same(refusal(lambda: s3.complete_multipart_upload(
        Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload=swapped)), (400, "InvalidPartOrder"), "order")
    done = s3.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": sent})
    digests = b"".join(hashlib.md5(data).digest() for data in parts)
    same(done["ETag"], f'"{hashlib.md5(digests).hexdigest()}-3"', "multipart etag")
    got = s3.get_object(Bucket=BUCKET, Key=key)
    same((got["Body"].read(), got["Metadata"]), (b"".join(parts), {"kind": "multi"}), "multipart read back")
    same(refusal(lambda: s3.complete_multipart_upload(
        Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": sent})), (404, "NoSuchUpload"), "again")
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
    small = [{"PartNumber": n, "ETag": s3.upload_part(
        Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=n, Body=b"small")["ETag"]} for n in (1, 2)]
    same(refusal(lambda: s3.complete_multipart_upload(
        Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": small})), (400, "EntityTooSmall"), "small")
    s3.abort_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload)
    same(refusal(lambda: s3.list_parts(Bucket=BUCKET, Key=key, UploadId=upload)), (404, "NoSuchUpload"), "aborted")


def attributes(s3, name):
    begun = {
        "StorageClass": "STANDARD_IA", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "key-1", "Tagging": "a=1&b=x%20y",
        "ACL": "public-read", "Metadata": {"kind": "described"}, "CacheControl": "max-age=60", "ContentDisposition": "attachment",
        "ContentEncoding": "gzip", "Expires": "Thu, 01 Jan 2099 00:00:00 GMT", "ContentType": "text/x-test",
    }
    put = s3.put_object(Bucket=BUCKET, Key=f"{name}/put", Body=b"hello", **begun)
    same((put["ServerSideEncryption"], put["SSEKMSKeyId"]), ("aws:kms", "key-1"), "the answer names the encryption")
    check(put["ETag"] != f'"{hashlib.md5(b"hello").hexdigest()}"', "with KMS an ETag is no MD5")
    key = f"{name}/multi"
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key, **begun)
    same(upload["ServerSideEncryption"], "aws:kms", "Initiate names the encryption")
    part = s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload["UploadId"], PartNumber=1, Body=b"hello")
    s3.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload["UploadId"],
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    for key in (f"{name}/put", f"{name}/multi"):
        head = s3.head_object(Bucket=BUCKET, Key=key)
        for field in ("StorageClass", "ServerSideEncryption", "SSEKMSKeyId", "Metadata", "CacheControl", "ContentDisposition",
                      "ContentEncoding", "ContentType"):
            same(head[field], begun[field], f"{key} {field}")
        same(head["ExpiresString"], begun["Expires"], f"{key} Expires")
        tags = s3.get_object_tagging(Bucket=BUCKET, Key=key)["TagSet"]
        same(tags, [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "x y"}], f"{key} tags")
        grants = s3.get_object_acl(Bucket=BUCKET, Key=key)["Grants"]
        same([(grant["Grantee"]["Type"], grant["Permission"]) for grant in grants],
             [("CanonicalUser", "FULL_CONTROL"), ("Group", "READ")], f"{key} acl")
    source = {"Bucket": BUCKET, "Key": f"{name}/put"}
    copied = s3.copy_object(Bucket=BUCKET, Key=f"{name}/copy 复制", CopySource=source)["CopyObjectResult"]
    same(copied["ETag"], f'"{hashlib.md5(b"hello").hexdigest()}"', "copied")
    same(s3.head_object(Bucket=BUCKET, Key=f"{name}/copy 复制")["Metadata"], {"kind": "described"}, "a copy keeps metadata")
    s3.copy_object(Bucket=BUCKET, Key=f"{name}/put", CopySource=source, MetadataDirective="REPLACE", Metadata={"kind": "new"})
    same(s3.head_object(Bucket=BUCKET, Key=f"{name}/put")["Metadata"], {"kind": "new"}, "metadata replaced in place")
    for field, value, code in (("StorageClass", "COLD", "InvalidStorageClass"), ("ACL", "nobody", "InvalidArgument"),
                               ("ServerSideEncryption", "DES", "InvalidArgument"), ("Tagging", "a=b=c", "InvalidArgument")):
        same(refusal(lambda: s3.put_object(Bucket=BUCKET, Key=f"{name}/invalid", Body=b"x", **{field: value})), (400, code), field)


def full_object_checksum(s3, name):
    """CRC-64/NVME over the whole, as a client that knows it sends it with Complete."""
    key = f"{name}/nvme.bin"
    upload = s3.create_multipart_upload(
        Bucket=BUCKET, Key=key, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")["UploadId"]
    parts = [payload(5 * MIB, 28), payload(1000, 29)]
    sent = []
    for number, data in enumerate(parts, 1):
        result = s3.upload_part(
            Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=number, Body=data, ChecksumAlgorithm="CRC32")
        sent.append({"PartNumber": number, "ETag": result["ETag"], "ChecksumCRC32": result["ChecksumCRC32"]})
    whole = base64.b64encode(zlib.crc32(b"".join(parts)).to_bytes(4, "big")).decode()
    same(refusal(lambda: s3.complete_multipart_upload(
        Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": sent}, ChecksumCRC32="AAAAAA==",
        ChecksumType="FULL_OBJECT")), (400, "BadDigest"), "a wrong checksum of the whole")
    done = s3.complete_multipart_upload(
        Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": sent}, ChecksumCRC32=whole,
        ChecksumType="FULL_OBJECT")
    same((done["ChecksumCRC32"], done["ChecksumType"]), (whole, "FULL_OBJECT"), "the checksum of the whole")


def managed(s3, name):
    data = payload(12 * MIB + 345, 30)
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=3)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file.bin")
        with open(path, "wb") as file:
            file.write(data)
        s3.upload_file(path, BUCKET, f"{name}/managed.bin", Config=config)
        s3.upload_fileobj(io.BytesIO(data), BUCKET, f"{name}/stream.bin", Config=config)
        try:
            s3.upload_file(path, BUCKET, f"{name}/refused.bin", Config=config)
            raise AssertionError("a refused part passed")
        except boto3.exceptions.S3UploadFailedError as error:
            check("AccessDenied" in str(error), f"a refused part: {error}")
        left = s3.list_multipart_uploads(Bucket=BUCKET, Prefix=f"{name}/refused.bin").get("Uploads", [])
        same(left, [], "the transfer aborts what it cannot finish")
        down = os.path.join(folder, "down.bin")
        s3.download_file(BUCKET, f"{name}/managed.bin", down, Config=config)
        with open(down, "rb") as file:
            same(file.read(), data, "download_file")
    same(s3.get_object(Bucket=BUCKET, Key=f"{name}/stream.bin")["Body"].read(), data, "upload_fileobj")


def presigned(s3, name):
    key = f"{name}/by link 链接.txt"
    url = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=60)
    status, _, body = common.request("PUT", url, b"by link")
    same(status, 200, f"presigned put: {body}")
    params = {"Bucket": BUCKET, "Key": key, "ResponseContentDisposition": 'attachment; filename="a b.txt"'}
    url = s3.generate_presigned_url("get_object", Params=params, ExpiresIn=60)
    status, headers, body = common.request("GET", url)
    same((status, body, headers["Content-Disposition"]), (200, b"by link", 'attachment; filename="a b.txt"'), "link")
    status, _, body = common.request("GET", url.replace("a%20b", "a%20c"))
    check(status == 403 and b"<Code>SignatureDoesNotMatch</Code>" in body, f"altered link: {status} {body}")


def service(s3, name):
    check(BUCKET in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]], "the bucket is listed")
    same(s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"], REGION, "location")
    same(s3.get_bucket_acl(Bucket=BUCKET)["Grants"][0]["Permission"], "FULL_CONTROL", "acl")
    check("Status" not in s3.get_bucket_versioning(Bucket=BUCKET), "versioning was never on")
    other = f"other-{name}"
    s3.create_bucket(Bucket=other, CreateBucketConfiguration={"LocationConstraint": REGION})
    same(refusal(lambda: s3.create_bucket(Bucket=other, CreateBucketConfiguration={"LocationConstraint": REGION})),
         (409, "BucketAlreadyOwnedByYou"), "made twice")
    s3.put_object(Bucket=other, Key="k<&>", Body=b"1", Tagging="a=1&b=%2B")
    tags = s3.get_object_tagging(Bucket=other, Key="k<&>")["TagSet"]
    same(tags, [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "+"}], "tags")
    same(refusal(lambda: s3.delete_bucket(Bucket=other)), (409, "BucketNotEmpty"), "a full bucket")
    s3.delete_objects(Bucket=other, Delete={"Objects": [{"Key": "k<&>"}]})
    s3.delete_bucket(Bucket=other)


def refused(name):
    put = {"Bucket": BUCKET, "Key": f"{name}/refused", "Body": b"x"}
    same(refusal(lambda: client(secret="wrong").put_object(**put)), (403, "SignatureDoesNotMatch"), "wrong secret")
    same(refusal(lambda: client(key_id="nobody").put_object(**put)), (403, "InvalidAccessKeyId"), "unknown key")
    # The refusal of a wrong region names the right one, and the client signs again with it.
    client(region="eu-north-9").put_object(**put)
    url = client(region="eu-north-9").generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": put["Key"]})
    status, _, body = common.request("GET", url)
    check(status == 400 and REGION.encode() in body, f"a link of a wrong region: {status} {body}")
    sts = {"key_id": common.STS_KEY_ID, "secret": common.STS_SECRET}
    client(**sts, token=common.STS_TOKEN).put_object(**put)
    same(refusal(lambda: client(**sts, token="other").put_object(**put)), (400, "InvalidToken"), "a wrong token")
    dead = client(key_id=common.DEAD_KEY_ID, secret=common.DEAD_SECRET, token=common.DEAD_TOKEN)
    same(refusal(lambda: dead.put_object(**put)), (400, "ExpiredToken"), "a dead token")


def main():
    forms = {
        "path": client(),
        "virtual": client(endpoint=common.VIRTUAL_ENDPOINT, style="virtual"),
        "plain": client(request_checksum_calculation="when_required", response_checksum_validation="when_required"),
    }
    for form, s3 in forms.items():
        name = f"boto3-{form}"
        objects(s3, name)
        odd_keys(s3, name)
        multipart(s3, name)
        managed(s3, name)
        presigned(s3, name)
        step(name)
    checksums(forms["path"], "boto3")
    attributes(forms["path"], "boto3-attributes")
    full_object_checksum(forms["path"], "boto3")
    chunked(forms["path"], "boto3")
    step("boto3 checksums")
    service(forms["path"], "boto3")
    refused("boto3")
    step("boto3 service, refusals and tokens")


main()
