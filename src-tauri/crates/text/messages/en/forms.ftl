### What is said of a profile's form while it is filled in.

## Of an address: none of these is an error

remark_query_dropped = What follows the “?” was left out.
remark_signature_dropped = The URL held a signature, which was left out. Until it expires, whoever has that URL can use it.
remark_object_named = The URL names an object: the folder it is in was taken as the prefix.
remark_is_oss = This is an address of Alibaba Cloud OSS, so the provider is OSS.
remark_is_s3 = This is an address of an S3 store, so the provider is S3.
# $bucket (String)
remark_other_bucket = The address names the bucket “{ $bucket }”; the one in its own field counts.
remark_needs_acceleration = Transfer acceleration must be enabled on the bucket, and is charged extra.
remark_internal_only = This endpoint can be reached from inside Alibaba Cloud only.
remark_plain_http = This address uses plain http, which is not encrypted.

## Of a prefix or a template

# $text (String) the prefix or the template
remark_two_slashes = “{ $text }” holds //: many tools show that as a folder without a name.

## Of a test of the connection

# $place (String) as oss://bucket/prefix
connection_test_passed = An upload to { $place } was begun and taken back: address, key and permission are right.

## Of what was found of other tools: why a key cannot be taken over

import_role = It takes on a role. Ferry needs a command that prints the role's key.
import_sign_in = It signs in by a browser. Ferry needs a command that prints the key.
import_machine = Its key comes from the machine or the environment the tool runs in, not from this file.
import_oidc = It trades in an OIDC token. Ferry needs a command that prints the key.
import_address = Its key is fetched from an address. Ferry needs a command that prints it.
import_other_signature = It signs in a way that object storage does not take.
import_anonymous = It has no key: it works anonymously.
import_incomplete = Its key is not complete: the id, the secret or the token is missing.
import_damaged = Its key is damaged: it holds line breaks or control characters.
import_unknown_mode = Its mode is one that Ferry does not know.

## Why a file of another tool cannot be read

# $file (String)
import_file_missing = “{ $file }” is not there, though an environment variable names it.
# $file (String)
import_file_not_regular = “{ $file }” is not a regular file.
# $file (String)
import_file_too_large = “{ $file }” is too large to be a settings file.
# $file (String)
import_file_not_text = “{ $file }” is not UTF-8 text.
# $file (String)
import_file_bad_form = “{ $file }” is not in the form its tool writes.
# $file (String)
import_file_encrypted = “{ $file }” is encrypted by rclone.
# $file (String)
import_file_unreadable = “{ $file }” cannot be read.
import_file_encrypted_hint = Ferry does not ask for its password. Show the remote with “rclone config show” and type its key in here.
import_file_hint = The other files were read all the same.
