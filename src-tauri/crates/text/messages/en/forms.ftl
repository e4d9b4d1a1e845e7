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
