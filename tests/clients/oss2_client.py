"""The first OSS SDK for Python against the sandbox: V1 and V4, three addressing forms, STS."""

import os
import tempfile

import crcmod
import oss2
from oss2.models import PartInfo

import common
from common import BUCKET, DOT_KEYS, KEY_ID, MIB, ODD_KEYS, REGION, SECRET, check, payload, same, step

crc64 = crcmod.mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, xorOut=0xFFFFFFFFFFFFFFFF, rev=True)


def auths(key_id=KEY_ID, secret=SECRET):
    provider = oss2.credentials.StaticCredentialsProvider(key_id, secret)
    return {"v1": oss2.Auth(key_id, secret), "v4": oss2.ProviderAuthV4(provider)}


def objects(bucket, name):
    data = payload(300_000, 2)
    result = bucket.put_object(
        f"{name}/simple.bin",
        data,
        headers={"Content-Type": "text/x-test", "x-oss-meta-Author": "alice", "Content-MD5": oss2.utils.content_md5(data)},
    )
    same(result.status, 200, "put status")
    same(result.crc, crc64(data), "put crc")
    head = bucket.head_object(f"{name}/simple.bin")
    same(head.content_length, len(data), "head length")
    same(head.content_type, "text/x-test", "head type")
    same(head.headers["x-oss-meta-author"], "alice", "head metadata")
    same(head.headers["x-oss-hash-crc64ecma"], str(crc64(data)), "head crc")
    check(head.etag.isupper() or head.etag.isdigit(), "OSS ETags are upper case")
    same(bucket.get_object(f"{name}/simple.bin").read(), data, "read back")
    ranged = bucket.get_object(f"{name}/simple.bin", byte_range=(100, 999))
    same(ranged.read(), data[100:1000], "range")
    same(bucket.get_object_meta(f"{name}/simple.bin").content_length, len(data), "object meta")
    check(bucket.object_exists(f"{name}/simple.bin"), "exists")
    check(not bucket.object_exists(f"{name}/absent"), "does not exist")
    same(bucket.put_object(f"{name}/empty", b"").crc, 0, "empty crc")
    try:
        bucket.put_object(f"{name}/simple.bin", b"x", headers={"x-oss-forbid-overwrite": "true"})
        raise AssertionError("forbid-overwrite did not forbid")
    except oss2.exceptions.ServerError as error:
        same((error.status, error.code), (409, "FileAlreadyExists"), "forbid-overwrite")
    try:
        bucket.put_object(f"{name}/digest", b"x", headers={"Content-MD5": oss2.utils.content_md5(b"y")})
        raise AssertionError("a wrong Content-MD5 passed")
    except oss2.exceptions.ServerError as error:
        same((error.status, error.code), (400, "InvalidDigest"), "Content-MD5")


def odd_keys(bucket, name):
    for number, odd in enumerate(ODD_KEYS + DOT_KEYS):
        key = f"{name}/odd/{odd}"
        data = payload(1000 + number, number)
        bucket.put_object(key, data)
        same(bucket.get_object(key).read(), data, key)
        url = bucket.sign_url("GET", key, 600, slash_safe=number % 2 == 0)
        status, _, found = common.request("GET", url)
        same((status, found), (200, data), f"presigned {key}")
    found = sorted(item.key for item in oss2.ObjectIteratorV2(bucket, prefix=f"{name}/odd/", max_keys=3))
    same(found, sorted(f"{name}/odd/{key}" for key in ODD_KEYS + DOT_KEYS), "listing of odd keys")
    found = [item.key for item in oss2.ObjectIterator(bucket, prefix=f"{name}/odd/dots/", delimiter="/")]
    same(found, [f"{name}/odd/dots/..", f"{name}/odd/dots/../", f"{name}/odd/dots/./"], "delimited listing")


def multipart(bucket, name):
    key = f"{name}/multi part+%.bin"
    parts = [payload(200 * 1024, 5), payload(150 * 1024, 6), payload(7, 7)]
    upload_id = bucket.init_multipart_upload(key, headers={"x-oss-meta-kind": "multi"}).upload_id
    sent = []
    for number, data in zip((1, 2, 5), parts):
        result = bucket.upload_part(key, upload_id, number, data)
        sent.append(PartInfo(number, result.etag, size=len(data), part_crc=result.crc))
    listed = list(oss2.PartIterator(bucket, key, upload_id, max_parts=2))
    same([(part.part_number, part.size, part.etag) for part in listed],
         [(part.part_number, part.size, part.etag) for part in sent], "parts")
    open_now = [(item.key, item.upload_id) for item in oss2.MultipartUploadIterator(bucket, prefix=f"{name}/")]
    same(open_now, [(key, upload_id)], "open uploads")
    result = bucket.complete_multipart_upload(key, upload_id, sent)
    whole = b"".join(parts)
    same(result.crc, crc64(whole), "combined crc")
    check(result.etag.endswith("-3"), f"multipart etag {result.etag}")
    got = bucket.get_object(key)
    same(got.read(), whole, "multipart read back")
    same(got.headers["x-oss-meta-kind"], "multi", "multipart metadata")
    try:
        bucket.complete_multipart_upload(key, upload_id, sent)
        raise AssertionError("an upload completed twice")
    except oss2.exceptions.NoSuchUpload as error:
        same(error.status, 404, "second complete")
    upload_id = bucket.init_multipart_upload(key).upload_id
    small = [PartInfo(n, bucket.upload_part(key, upload_id, n, b"small").etag) for n in (1, 2)]
    try:
        bucket.complete_multipart_upload(key, upload_id, small)
        raise AssertionError("small parts completed")
    except oss2.exceptions.ServerError as error:
        same((error.status, error.code), (400, "EntityTooSmall"), "small parts")
    bucket.abort_multipart_upload(key, upload_id)
    same(list(oss2.MultipartUploadIterator(bucket, prefix=f"{name}/")), [], "open uploads after abort")


def resumable(bucket, name):
    data = payload(5 * MIB + 123, 8)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file.bin")
        with open(path, "wb") as file:
            file.write(data)
        store = oss2.ResumableStore(root=folder)
        result = oss2.resumable_upload(bucket, f"{name}/resumed.bin", path, store=store,
                                       multipart_threshold=MIB, part_size=MIB, num_threads=3)
        check(result.etag.endswith("-6"), f"resumable etag {result.etag}")
        down = os.path.join(folder, "down.bin")
        oss2.resumable_download(bucket, f"{name}/resumed.bin", down, multiget_threshold=MIB, part_size=MIB,
                                num_threads=3, store=oss2.ResumableDownloadStore(root=folder))
        with open(down, "rb") as file:
            same(file.read(), data, "resumable read back")


def service(auth, bucket, name):
    info = bucket.get_bucket_info()
    same((info.name, info.location), (BUCKET, f"oss-{REGION}"), "bucket info")
    same(bucket.get_bucket_location().location, f"oss-{REGION}", "location")
    same(bucket.get_bucket_acl().acl, "private", "acl")
    names = [item.name for item in oss2.BucketIterator(oss2.Service(auth, common.ENDPOINT, region=REGION))]
    check(BUCKET in names, f"{BUCKET} is not among {names}")
    other = oss2.Bucket(auth, common.ENDPOINT, f"other-{name}", region=REGION)
    other.create_bucket()
    other.put_object("k", b"1")
    try:
        other.delete_bucket()
        raise AssertionError("a full bucket was deleted")
    except oss2.exceptions.BucketNotEmpty:
        pass
    other.batch_delete_objects(["k"])
    other.delete_bucket()


def presigned_put(bucket, name):
    key = f"{name}/presigned 上传.txt"
    url = bucket.sign_url("PUT", key, 600, headers={"Content-Type": "text/plain"})
    status, _, body = common.request("PUT", url, b"by link", {"Content-Type": "text/plain"})
    same(status, 200, f"presigned put: {body}")
    same(bucket.get_object(key).read(), b"by link", "presigned put read back")
    status, _, body = common.request("PUT", url, b"by link", {"Content-Type": "text/html"})
    check(status == 403 and b"<Code>SignatureDoesNotMatch</Code>" in body, f"altered presigned put: {status} {body}")


def refused(name):
    for version, auth in auths(secret="wrong").items():
        bucket = oss2.Bucket(auth, common.ENDPOINT, BUCKET, region=REGION)
        try:
            bucket.put_object(f"{name}/refused", b"x")
            raise AssertionError(f"{version}: a wrong secret passed")
        except oss2.exceptions.ServerError as error:
            same((error.status, error.code), (403, "SignatureDoesNotMatch"), f"{version} wrong secret")
            check("StringToSign" in error.details, "the StringToSign is shown")
        try:
            bucket.head_object("plain.txt")
            raise AssertionError(f"{version}: a wrong secret passed")
        except oss2.exceptions.ServerError as error:
            same((error.status, error.code), (403, "SignatureDoesNotMatch"), f"{version} wrong secret, HEAD")
    for version, auth in auths(key_id="nobody").items():
        try:
            oss2.Bucket(auth, common.ENDPOINT, BUCKET, region=REGION).put_object(f"{name}/refused", b"x")
            raise AssertionError(f"{version}: an unknown key passed")
        except oss2.exceptions.ServerError as error:
            same((error.status, error.code), (403, "InvalidAccessKeyId"), f"{version} unknown key")


def sts(name):
    provider = oss2.credentials.StaticCredentialsProvider(common.STS_KEY_ID, common.STS_SECRET, common.STS_TOKEN)
    for auth in (oss2.StsAuth(common.STS_KEY_ID, common.STS_SECRET, common.STS_TOKEN), oss2.ProviderAuthV4(provider)):
        bucket = oss2.Bucket(auth, common.ENDPOINT, BUCKET, region=REGION)
        bucket.put_object(f"{name}/sts", b"token")
        same(common.request("GET", bucket.sign_url("GET", f"{name}/sts", 60))[2], b"token", "presigned with token")
    without = oss2.Bucket(oss2.Auth(common.STS_KEY_ID, common.STS_SECRET), common.ENDPOINT, BUCKET)
    try:
        without.put_object(f"{name}/sts", b"token")
        raise AssertionError("a missing token passed")
    except oss2.exceptions.ServerError as error:
        same((error.status, error.code), (403, "InvalidSecurityToken"), "missing token")


def main():
    for version, auth in auths().items():
        forms = {
            "path": oss2.Bucket(auth, common.ENDPOINT, BUCKET, region=REGION),
            "virtual": oss2.Bucket(auth, common.VIRTUAL_ENDPOINT, BUCKET, region=REGION),
            "cname": oss2.Bucket(auth, common.CNAME_ENDPOINT, BUCKET, is_cname=True, region=REGION),
        }
        for form, bucket in forms.items():
            name = f"oss2-{version}-{form}"
            objects(bucket, name)
            odd_keys(bucket, name)
            multipart(bucket, name)
            presigned_put(bucket, name)
            step(name)
        resumable(forms["path"], f"oss2-{version}")
        service(auth, forms["path"], f"oss2-{version}")
        step(f"oss2-{version} resumable and service")
    refused("oss2")
    sts("oss2")
    step("oss2 refusals and tokens")


main()
