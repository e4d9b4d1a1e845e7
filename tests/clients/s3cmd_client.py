"""s3cmd against the sandbox: multipart up, broken off and continued, parts and uploads listed, aborted; trees, copies, attributes."""

import common
from common import BUCKET, KEY_ID, REGION, SECRET, check, same, step
from programs import NAMES, Files, Program, read

CONFIG = """[default]
access_key = {key_id}
secret_key = {secret}
access_token = {token}
host_base = {host}
host_bucket = {host}
bucket_location = {region}
use_https = False
signature_v2 = False
"""


def s3cmd(files, key_id=KEY_ID, secret=SECRET, token=""):
    host = common.ENDPOINT.split("//")[1]
    config = CONFIG.format(key_id=key_id, secret=secret, token=token, host=host, region=REGION)
    path = files.write(f"{key_id}-{secret}.s3cfg", config.encode())
    return Program("s3cmd", "-c", path, "--no-progress", "--multipart-chunk-size-mb=5", "--max-retries=1")


def large(run, files, at):
    run("put", files.large, f"{at}/large.bin", "--storage-class", "STANDARD_IA", "--acl-public", "--server-side-encryption",
        "--add-header=Cache-Control: max-age=60", "--add-header=x-amz-meta-kind: large", "-m", "text/x-test")
    info = run.text("info", f"{at}/large.bin")
    for line in (f"File size: {len(files.data)}", "MIME type: text/x-test", "Storage:   STANDARD_IA", "SSE:       AES256",
                 "*anon*: READ", "x-amz-meta-kind: large"):
        check(line in info, f"{line!r} is not in {info}")
    run("get", f"{at}/large.bin", files.path("down.bin"))
    check(read(files.path("down.bin")) == files.data, "read back")


def trees(run, files, at):
    run("put", "--recursive", f"{files.tree}/", f"{at}/tree/")
    found = [line.split(None, 3)[3] for line in run.text("ls", "--recursive", f"{at}/tree/").splitlines()]
    same(sorted(found), sorted(f"{at}/tree/{name}" for name in NAMES), "listing, in pages")
    run("sync", f"{at}/tree/", f"{files.path('down')}/")
    files.same_tree("down", "tree read back")
    same(run.text("sync", f"{files.tree}/", f"{at}/tree/"), "", "nothing is sent twice")
    run("del", f"{at}/tree/many/07")
    check("tree/many/07" in run.text("sync", f"{files.tree}/", f"{at}/tree/"), "only what lacks is sent")


def copies(run, files, at):
    run("cp", f"{at}/large.bin", f"{at}/copy 复制+%.bin")
    run("mv", f"{at}/copy 复制+%.bin", f"{at}/moved.bin")
    run("modify", "--add-header=x-amz-meta-more: 2", f"{at}/moved.bin")
    info = run.text("info", f"{at}/moved.bin")
    check("x-amz-meta-kind: large" in info and "x-amz-meta-more: 2" in info, f"modified: {info}")
    run("get", f"{at}/moved.bin", files.path("moved.bin"))
    check(read(files.path("moved.bin")) == files.data, "moved")


def open_uploads(run):
    """Key and id of each open upload."""
    rows = run.text("multipart", f"s3://{BUCKET}").splitlines()[2:]
    return [tuple(row.split("\t")[1:3]) for row in rows]


def continued(run, files, at):
    said = run.refused("put", files.large, f"{at}/resumed.bin", because="AccessDenied")
    (key, upload_id), = open_uploads(run)
    same(key, f"{at}/resumed.bin", "left open")
    check(upload_id in said, f"the way to go on is told: {said}")
    parts = [row.split("\t")[1:4:2] for row in run.text("listmp", key, upload_id).splitlines()[1:]]
    same([number for number, _ in parts], ["1"], "the part that was taken")
    run("put", "--continue-put", files.large, f"{at}/resumed.bin")
    run("get", f"{at}/resumed.bin", files.path("resumed.bin"))
    check(read(files.path("resumed.bin")) == files.data, "continued")


def aborted(run, files, at):
    # No more than one page: this version asks for the next under names that S3 does not know, for ever.
    for number in range(3):
        run.refused("put", files.large, f"{at}/{number}/refused.bin", because="AccessDenied")
    left = open_uploads(run)
    same([key for key, _ in left], [f"{at}/{number}/refused.bin" for number in range(3)], "left open")
    for key, upload_id in left:
        run("abortmp", key, upload_id)
    same(open_uploads(run), [], "aborted")
    run.refused("listmp", left[0][0], left[0][1], because="NoSuchUpload")


def refusals(files, at):
    small = files.write("small", b"x")
    for key_id, secret, token, code in [
        (KEY_ID, "wrong", "", "SignatureDoesNotMatch"),
        ("nobody", SECRET, "", "InvalidAccessKeyId"),
        (common.DEAD_KEY_ID, common.DEAD_SECRET, common.DEAD_TOKEN, "ExpiredToken"),
        (common.STS_KEY_ID, common.STS_SECRET, "other", "InvalidToken"),
    ]:
        s3cmd(files, key_id, secret, token).refused("put", small, f"{at}/k", because=code)
    s3cmd(files, common.STS_KEY_ID, common.STS_SECRET, common.STS_TOKEN)("put", small, f"{at}/k")


def main():
    at = f"s3://{BUCKET}/s3cmd"
    with Files() as files:
        run = s3cmd(files)
        large(run, files, at)
        continued(run, files, at)
        aborted(run, files, at)
        step("s3cmd multipart, continued and aborted")
        trees(run, files, at)
        copies(run, files, at)
        step("s3cmd trees and copies")
        refusals(files, at)
        run("del", "--recursive", "--force", f"{at}/")
        same(run.text("ls", "--recursive", f"{at}/"), "", "deleted")
        run("mb", "s3://s3cmd-other")
        run("rb", "s3://s3cmd-other")
        step("s3cmd refusals and buckets")


main()
