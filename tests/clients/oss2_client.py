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
    others = [bucket.init_multipart_upload(f"{name}/other {number}").upload_id for number in range(4)]
    expected = [(key, upload_id)] + [(f"{name}/other {number}", other) for number, other in enumerate(others)]
    open_now = [(item.key, item.upload_id) for item in oss2.MultipartUploadIterator(bucket, prefix=f"{name}/", max_uploads=2)]
    same(open_now, expected, "open uploads, in pages")
    for number, other in enumerate(others):
        bucket.abort_multipart_upload(f"{name}/other {number}", other)
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
        options = {"store": store, "multipart_threshold": MIB, "part_size": MIB}

        def interrupt(consumed, total):
            if consumed >= 3 * MIB:
                raise common.Interruption

        try:
            oss2.resumable_upload(bucket, f"{name}/resumed.bin", path, num_threads=1, progress_callback=interrupt, **options)
            raise AssertionError("the upload was not interrupted")
        except common.Interruption:
            pass
        same([item.key for item in oss2.MultipartUploadIterator(bucket, prefix=f"{name}/")], [f"{name}/resumed.bin"], "left open")
        result = oss2.resumable_upload(bucket, f"{name}/resumed.bin", path, num_threads=3, **options)
        check(result.etag.endswith("-6"), f"resumable etag {result.etag}")
        down = os.path.join(folder, "down.bin")
        oss2.resumable_download(bucket, f"{name}/resumed.bin", down, multiget_threshold=MIB, part_size=MIB,
                                num_threads=3, store=oss2.ResumableDownloadStore(root=folder))
        with open(down, "rb") as file:
            same(file.read(), data, "resumable read back")


DESCRIBED = {
    "x-oss-storage-class": "IA",
    "x-oss-server-side-encryption": "KMS",
    "x-oss-server-side-encryption-key-id": "key-1",
    "x-oss-meta-kind": "described",
    "Cache-Control": "max-age=60",
    "Content-Disposition": "attachment; filename=a.txt",
    "Content-Encoding": "gzip",
    "Expires": "Thu, 01 Jan 2099 00:00:00 GMT",
    "Content-Type": "text/x-test",
}


def attributes(bucket, name):
    acl = {"x-oss-object-acl": oss2.OBJECT_ACL_PUBLIC_READ}
    begun = {**DESCRIBED, "x-oss-tagging": "a=1&b=x%20y"}
    put = bucket.put_object(f"{name}/put", b"hello", headers={**begun, **acl})
    same(put.headers["x-oss-server-side-encryption"], "KMS", "the answer names the encryption")
    check(put.etag.upper() != "5D41402ABC4B2A76B9719D911017C592", "with KMS an ETag is no MD5")
    upload_id = bucket.init_multipart_upload(f"{name}/multi", headers=begun).upload_id
    part = bucket.upload_part(f"{name}/multi", upload_id, 1, b"hello")
    bucket.complete_multipart_upload(f"{name}/multi", upload_id, [PartInfo(1, part.etag, size=5, part_crc=part.crc)], headers=acl)
    for key in (f"{name}/put", f"{name}/multi"):
        head = bucket.head_object(key)
        for header, value in DESCRIBED.items():
            same(head.headers.get(header), value, f"{key} {header}")
        same(bucket.get_object_tagging(key).tag_set.tagging_rule, {"a": "1", "b": "x y"}, f"{key} tags")
        same(bucket.get_object_acl(key).acl, oss2.OBJECT_ACL_PUBLIC_READ, f"{key} acl")
    for header, value in (("x-oss-storage-class", "Cold"), ("x-oss-object-acl", "nobody"), ("x-oss-tagging", "a=b=c")):
        try:
            bucket.put_object(f"{name}/invalid", b"x", headers={header: value})
            raise AssertionError(f"{header}: {value} passed")
        except oss2.exceptions.InvalidArgument as error:
            same(error.status, 400, header)
    copied = bucket.copy_object(BUCKET, f"{name}/put", f"{name}/copy 复制")
    check(copied.etag, "a copy has an ETag")
    same(bucket.head_object(f"{name}/copy 复制").headers["x-oss-meta-kind"], "described", "a copy keeps metadata")
    same(bucket.get_object(f"{name}/copy 复制", headers={"Accept-Encoding": "identity"}).resp.response.raw.read(), b"hello", "copied")


def callbacks(bucket, name):
    with common.application() as (url, seen):
        headers = {
            "x-oss-callback": common.encoded({"callbackUrl": url, "callbackBody": "o=${object}&s=${size}&w=${x:who}"}),
            "x-oss-callback-var": common.encoded({"x:who": "al ice"}),
        }
        put = bucket.put_object(f"{name}/called", b"hello", headers=headers)
        same(put.resp.read(), b'{"seen": true}', "the application's answer")
        json_body = {"callbackUrl": url, "callbackBody": '{"o":${object}}', "callbackBodyType": "application/json"}
        headers = {"x-oss-callback": common.encoded(json_body)}
        upload_id = bucket.init_multipart_upload(f"{name}/multi").upload_id
        part = bucket.upload_part(f"{name}/multi", upload_id, 1, b"hello")
        parts = [PartInfo(1, part.etag, size=5, part_crc=part.crc)]
        done = bucket.complete_multipart_upload(f"{name}/multi", upload_id, parts, headers=headers)
        same(done.resp.read(), b'{"seen": true}', "the application's answer to Complete")
        same(seen, [f"o={name}%2Fcalled&s=5&w=al%20ice", f'{{"o":"{name}/multi"}}'], "what the application was told")
    with common.application(status=500) as (url, _):
        headers = {"x-oss-callback": common.encoded({"callbackUrl": url, "callbackBody": "a"})}
        put = bucket.put_object(f"{name}/uncalled", b"hello", headers=headers)
        same(put.status, 203, "a failed callback")
        check(b"<Code>CallbackFailed</Code>" in put.resp.read(), "a failed callback's code")
    same(bucket.get_object(f"{name}/uncalled").read(), b"hello", "the object stays")


def limited(bucket, name):
    limit = {"x-oss-traffic-limit": str(800 * 1024)}
    data = payload(20 * 1024, 9)
    same(bucket.put_object(f"{name}/limited", data, headers=limit).status, 200, "limited put")
    same(bucket.get_object(f"{name}/limited", headers=limit).read(), data, "limited get")
    url = bucket.sign_url("GET", f"{name}/limited", 60, params=limit)
    same(common.request("GET", url)[2], data, "limited link")
    try:
        bucket.put_object(f"{name}/limited", data, headers={"x-oss-traffic-limit": "1"})
        raise AssertionError("a traffic limit of one bit passed")
    except oss2.exceptions.InvalidArgument as error:
        same(error.details.get("EC"), "0004-00000502", "traffic limit")


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
    provider = oss2.credentials.StaticCredentialsProvider(common.DEAD_KEY_ID, common.DEAD_SECRET, common.DEAD_TOKEN)
    for auth in (oss2.StsAuth(common.DEAD_KEY_ID, common.DEAD_SECRET, common.DEAD_TOKEN), oss2.ProviderAuthV4(provider)):
        dead = oss2.Bucket(auth, common.ENDPOINT, BUCKET, region=REGION)
        try:
            dead.put_object(f"{name}/sts", b"token")
            raise AssertionError("a dead token passed")
        except oss2.exceptions.ServerError as error:
            same((error.status, error.code), (403, "SecurityTokenExpired"), "dead token")


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
        attributes(forms["path"], f"oss2-{version}-attributes")
        callbacks(forms["path"], f"oss2-{version}-callbacks")
        limited(forms["path"], f"oss2-{version}")
        service(auth, forms["path"], f"oss2-{version}")
        step(f"oss2-{version} resumable and service")
    refused("oss2")
    sts("oss2")
    step("oss2 refusals and tokens")


main()
