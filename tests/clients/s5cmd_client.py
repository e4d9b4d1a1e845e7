"""s5cmd against the sandbox: multipart up and down, trees, sync, copies, links, tokens. It has no resume and aborts what fails."""

import json

import common
from common import BUCKET, KEY_ID, REGION, SECRET, check, same, step
from programs import NAMES, Files, Program, read


def s5cmd(key_id=KEY_ID, secret=SECRET, token=None):
    keys = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": REGION}
    if token:
        keys["AWS_SESSION_TOKEN"] = token
    return Program("s5cmd", "--endpoint-url", common.ENDPOINT, "--retry-count", "1", **keys)


def large(run, files, at):
    run("cp", "-p", "5", "-c", "2", "--storage-class", "STANDARD_IA", "--metadata", "kind=large", "--content-type", "text/x-test",
        "--cache-control", "max-age=60", "--acl", "public-read", "--sse", "aws:kms", "--sse-kms-key-id", "key-1", files.large, f"{at}/large.bin")
    head = json.loads(run("head", f"{at}/large.bin"))
    same((head["size"], head["content_type"], head["storage_class"], head["metadata"], head["server_side_encryption"]),
         (len(files.data), "text/x-test", "STANDARD_IA", {"kind": "large"}, "aws:kms"), "head")
    check(head["etag"].endswith("-3"), f"three parts: {head['etag']}")
    check(run("cat", f"{at}/large.bin") == files.data, "read back")
    run("cp", "-p", "5", f"{at}/large.bin", files.path("down.bin"))
    check(read(files.path("down.bin")) == files.data, "downloaded in parts")
    run("pipe", "-p", "5", f"{at}/piped.bin", input=files.data)
    check(run("cat", f"{at}/piped.bin") == files.data, "piped")


def trees(run, files, at):
    run("cp", f"{files.tree}/", f"{at}/tree/")
    found = [json.loads(line)["key"] for line in run.text("--json", "ls", f"{at}/tree/*").splitlines()]
    same(sorted(found), sorted(f"{at}/tree/{name}" for name in NAMES), "listing, in pages")
    folders = sorted(line.split(maxsplit=1)[1] for line in run.text("ls", f"{at}/tree/").splitlines() if line.split()[0] == "DIR")
    same(folders, ["deep/", "emoji/", "many/", "目录/"], "folders")
    run("cp", f"{at}/tree/*", f"{files.path('down')}/")
    files.same_tree("down", "tree read back")
    same(run.text("sync", f"{files.tree}/", f"{at}/tree/"), "", "nothing is sent twice")
    run("rm", f"{at}/tree/many/07")
    again = run.text("sync", f"{files.tree}/", f"{at}/tree/").split()
    same(again[-1], f"{at}/tree/many/07", "only what lacks is sent")
    check("26 objects" in run.text("du", f"{at}/tree/*"), "counted")


def copies(run, at):
    # Left alone, it asks for a copy without metadata.
    run("cp", "--metadata-directive", "COPY", f"{at}/large.bin", f"{at}/copy 复制+%.bin")
    run("mv", "--metadata-directive", "COPY", f"{at}/copy 复制+%.bin", f"{at}/moved.bin")
    same(json.loads(run("head", f"{at}/moved.bin"))["metadata"], {"kind": "large"}, "a copy keeps metadata")
    status, _, data = common.request("GET", run.text("presign", f"{at}/tree/plain.txt").strip())
    same((status, data), (200, run("cat", f"{at}/tree/plain.txt")), "link")
    run("rm", f"{at}/*")
    run.refused("ls", f"{at}/*", because="no object found")


def refusals(run, files, at):
    run.refused("cp", "-p", "5", "-c", "1", files.large, f"{at}/refused.bin", because="AccessDenied")
    run.refused("head", f"{at}/absent", because="not found")
    run.refused("ls", "s3://absent-bucket/", because="NoSuchBucket")
    small = files.write("small", b"x")
    s5cmd(secret="wrong").refused("cp", small, f"{at}/k", because="SignatureDoesNotMatch")
    s5cmd(key_id="nobody").refused("cp", small, f"{at}/k", because="InvalidAccessKeyId")
    s5cmd(common.DEAD_KEY_ID, common.DEAD_SECRET, common.DEAD_TOKEN).refused("cp", small, f"{at}/k", because="ExpiredToken")
    s5cmd(common.STS_KEY_ID, common.STS_SECRET, "other").refused("cp", small, f"{at}/k", because="InvalidToken")
    s5cmd(common.STS_KEY_ID, common.STS_SECRET, common.STS_TOKEN)("cp", small, f"{at}/k")
    run("mb", "s3://s5cmd-other")
    run("rb", "s3://s5cmd-other")


def main():
    run = s5cmd()
    at = f"s3://{BUCKET}/s5cmd"
    with Files() as files:
        large(run, files, at)
        step("s5cmd multipart")
        trees(run, files, at)
        step("s5cmd trees")
        copies(run, at)
        refusals(run, files, at)
        step("s5cmd copies and refusals")


main()
