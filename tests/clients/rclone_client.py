"""rclone against the sandbox, as an S3 store of its own making and as Alibaba's: multipart up, trees, checks, moves, abort.

It has no resume inside a file: a second run sends the files that lack."""

import json

import common
from common import BUCKET, KEY_ID, REGION, SECRET, check, same, step
from programs import NAMES, Files, Program, read

CONFIG = """[{provider}]
type = s3
provider = {provider}
access_key_id = {key_id}
secret_access_key = {secret}
session_token = {token}
region = {region}
endpoint = {endpoint}
force_path_style = true
"""


def rclone(files, provider, key_id=KEY_ID, secret=SECRET, token=""):
    config = CONFIG.format(provider=provider, key_id=key_id, secret=secret, token=token, region=REGION, endpoint=common.ENDPOINT)
    path = files.write(f"{provider}-{key_id}-{secret}.conf", config.encode())
    return Program("rclone", "--config", path, "--retries", "1", "--low-level-retries", "1",
                   "--s3-chunk-size", "5M", "--s3-upload-cutoff", "5M", "--s3-upload-concurrency", "2")


def large(run, files, at):
    run("copyto", "--metadata", "--metadata-set", "kind=large", "--header-upload", "Cache-Control: max-age=60",
        "--s3-storage-class", "STANDARD_IA", "--s3-acl", "public-read", files.large, f"{at}/large.bin")
    entry, = json.loads(run("lsjson", "--metadata", "--hash", f"{at}/large.bin"))
    same((entry["Size"], entry["Metadata"]["kind"], entry["Metadata"]["cache-control"], entry["Metadata"]["tier"]),
         (len(files.data), "large", "max-age=60", "STANDARD_IA"), "described")
    run("check", "--download", files.folder.name, at, "--include", "/large.bin")
    check(run("cat", f"{at}/large.bin") == files.data, "read back")
    run("copyto", f"{at}/large.bin", files.path("down.bin"))
    check(read(files.path("down.bin")) == files.data, "downloaded")
    run("rcat", f"{at}/streamed.bin", input=files.data)
    check(run("cat", f"{at}/streamed.bin") == files.data, "streamed")


def trees(run, files, at):
    run("copy", files.tree, f"{at}/tree")
    same(sorted(run.text("lsf", "-R", "--files-only", f"{at}/tree").splitlines()), sorted(NAMES), "listing, in pages")
    same(sorted(run.text("lsf", "--dirs-only", f"{at}/tree").splitlines()), ["deep/", "emoji/", "many/", "目录/"], "folders")
    run("check", files.tree, f"{at}/tree")
    run("copy", f"{at}/tree", files.path("down"))
    files.same_tree("down", "tree read back")
    again = run.run("copy", "-v", files.tree, f"{at}/tree").stderr.decode()
    check("There was nothing to transfer" in again, f"nothing is sent twice: {again}")
    run("deletefile", f"{at}/tree/many/07")
    again = run.run("copy", "-v", files.tree, f"{at}/tree").stderr.decode()
    same(again.count("Copied (new)"), 1, f"only what lacks is sent: {again}")


def copies(run, at):
    run("copyto", f"{at}/large.bin", f"{at}/copy 复制+%.bin")
    run("moveto", f"{at}/copy 复制+%.bin", f"{at}/moved 移.bin")
    run("touch", "--timestamp", "2020-01-01T00:00:00", f"{at}/moved 移.bin")
    entry, = json.loads(run("lsjson", "--metadata", f"{at}/moved 移.bin"))
    same((entry["ModTime"][:10], entry["Metadata"]["kind"]), ("2020-01-01", "large"), "moved and touched")
    status, _, data = common.request("GET", run.text("link", "--expire", "1m", f"{at}/tree/plain.txt").strip())
    same((status, data), (200, run("cat", f"{at}/tree/plain.txt")), "link")


def uploads(run, files, remote, at):
    def left():
        return [upload["Key"] for upload in json.loads(run("backend", "list-multipart-uploads", f"{remote}:{BUCKET}"))[BUCKET]]

    run.refused("copyto", files.large, f"{at}/refused.bin", because="AccessDenied")
    same(left(), [], "what fails is aborted")
    keys = [f"{at.split('/', 1)[1]}/{number}/refused.bin" for number in range(5)]
    for key in keys:
        run.refused("copyto", "--s3-leave-parts-on-error", files.large, f"{remote}:{BUCKET}/{key}", because="AccessDenied")
    same(left(), keys, "left open, in pages")
    run("backend", "cleanup", f"{remote}:{BUCKET}", "-o", "max-age=0s")
    same(left(), [], "aborted")


def refusals(files, remote, at):
    small = files.write("small", b"x")
    for key_id, secret, token, code in [
        (KEY_ID, "wrong", "", "SignatureDoesNotMatch"),
        ("nobody", SECRET, "", "InvalidAccessKeyId"),
        (common.DEAD_KEY_ID, common.DEAD_SECRET, common.DEAD_TOKEN, "ExpiredToken"),
    ]:
        rclone(files, remote, key_id, secret, token).refused("copyto", "--s3-no-head-object", "--ignore-times", small, f"{at}/k", because=code)
    rclone(files, remote, common.STS_KEY_ID, common.STS_SECRET, common.STS_TOKEN)("copyto", small, f"{at}/k")


def main():
    with Files() as files:
        for remote in ("Other", "Alibaba"):
            run = rclone(files, remote)
            at = f"{remote}:{BUCKET}/rclone-{remote}"
            large(run, files, at)
            trees(run, files, at)
            copies(run, at)
            uploads(run, files, remote, at)
            refusals(files, remote, at)
            run("purge", at)
            same(run.text("lsf", "-R", at), "", "purged")
            run("mkdir", f"{remote}:rclone-other")
            run("rmdir", f"{remote}:rclone-other")
            step(f"rclone as {remote}")


main()
