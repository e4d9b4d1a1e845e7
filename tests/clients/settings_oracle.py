"""Reads settings with the libraries of the tools they belong to, and says what those make of them.

Takes a file with {"aws": [{"credentials": path, "config": path}], "aliyun": [path], "commands": [line]}, prints a list for each.
"""

import json
import sys

import botocore.session
from alibabacloud_credentials.provider.cli_profile import CLIProfileCredentialsProvider
from alibabacloud_credentials.provider.external import ExternalCredentialsProvider
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.credentials import ConfigProvider, ProcessProvider, SharedCredentialProvider
from botocore.exceptions import PartialCredentialsError


def key_of(found):
    return [found.access_key, found.secret_key, found.token or None]


def aws_key(case, name, profile):
    """What botocore would sign with: the order of its providers, without those that ask the network."""
    if "role_arn" in profile:
        return "role"
    try:
        found = SharedCredentialProvider(case["credentials"], name).load()
        if found is None and "credential_process" in profile:
            return {"command": profile["credential_process"]}
        found = found or ConfigProvider(case["config"], name).load()
    except PartialCredentialsError:
        return "partial"
    return found and key_of(found)


def aws(case):
    session = botocore.session.Session()
    session.set_config_variable("credentials_file", case["credentials"])
    session.set_config_variable("config_file", case["config"])
    full, answer = session.full_config, {}
    for name, profile in full["profiles"].items():
        s3 = profile.get("s3", {})
        endpoint = ConfiguredEndpointProvider(full, profile, "s3", {}).provide()
        if profile.get("ignore_configured_endpoint_urls", "").lower() == "true":
            endpoint = None
        answer[name] = {
            "key": aws_key(case, name, profile),
            "region": profile.get("region"),
            "endpoint": endpoint,
            "style": s3.get("addressing_style") if isinstance(s3, dict) else None,
        }
    return answer


def aliyun(path):
    with open(path, encoding="utf-8") as file:
        names = [profile["name"] for profile in json.load(file)["profiles"]]
    answer = {}
    for name in names:
        found = CLIProfileCredentialsProvider(profile_name=name, profile_file=path).get_credentials()
        answer[name] = [found.get_access_key_id(), found.get_access_key_secret(), found.get_security_token() or None]
    return answer


def command(line):
    """What a command prints, as botocore and the Alibaba SDK run it; null for a line that they refuse."""
    answer = []
    for form, run in (("aws", by_botocore), ("cli", by_alibaba)):
        try:
            answer.append(run(line.replace("FORM", form)))
        except Exception as error:  # each has its own for each reason
            print(f"{line!r}: {error}", file=sys.stderr)
            answer.append(None)
    return answer


def by_botocore(line):
    found = ProcessProvider("p", lambda: {"profiles": {"p": {"credential_process": line}}}).load().get_frozen_credentials()
    return key_of(found)


def by_alibaba(line):
    found = ExternalCredentialsProvider(process_command=line).get_credentials()
    return [found.get_access_key_id(), found.get_access_key_secret(), found.get_security_token() or None]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    readers = {"aws": aws, "aliyun": aliyun, "commands": command}
    json.dump({name: [readers[name](case) for case in cases[name]] for name in cases}, sys.stdout)


main()
