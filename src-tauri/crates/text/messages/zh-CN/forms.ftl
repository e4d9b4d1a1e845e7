### 填写配置时的提示。

## Of an address

remark_query_dropped = 已忽略“?”之后的内容。
remark_signature_dropped = 网址中含有签名，已忽略。在其过期之前，任何得到该网址的人都可使用它。
remark_object_named = 该网址指向一个对象，已将其所在的文件夹作为前缀。
remark_is_oss = 这是阿里云 OSS 的地址，服务商已设为 OSS。
remark_is_s3 = 这是 S3 存储的地址，服务商已设为 S3。
remark_other_bucket = 该地址中的 Bucket 是“{ $bucket }”，以 Bucket 一栏中填写的为准。
remark_needs_acceleration = 使用传输加速前，需先为该 Bucket 开启，并会产生额外费用。
remark_internal_only = 此为内网 Endpoint，仅能从阿里云内网访问。
remark_plain_http = 该地址使用未加密的 http。

## Of a prefix or a template

remark_two_slashes = “{ $text }”中含有 //，许多工具会将其显示为没有名称的文件夹。
