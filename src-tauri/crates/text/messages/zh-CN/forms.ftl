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

## Of a test of the connection

connection_test_passed = 已在 { $place } 试传并撤回：地址、密钥和权限均正确。

## Of what was found of other tools: why a key cannot be taken over

import_role = 该配置扮演角色。Ferry 需要一条输出角色密钥的命令。
import_sign_in = 该配置通过浏览器登录。Ferry 需要一条输出密钥的命令。
import_machine = 密钥来自工具所在的主机或环境，不在此文件中。
import_oidc = 该配置使用 OIDC 令牌换取密钥。Ferry 需要一条输出密钥的命令。
import_address = 密钥需从某个地址获取。Ferry 需要一条输出密钥的命令。
import_other_signature = 其签名方式不适用于对象存储。
import_anonymous = 该配置没有密钥，匿名访问。
import_incomplete = 密钥不完整：缺少 AccessKey ID、Secret 或令牌。
import_damaged = 密钥已损坏：含有换行或控制字符。
import_unknown_mode = Ferry 不认识该配置的模式。

## Why a file of another tool cannot be read

import_file_missing = “{ $file }” 不存在，但环境变量指向了它。
import_file_not_regular = “{ $file }” 不是普通文件。
import_file_too_large = “{ $file }” 过大，不像是配置文件。
import_file_not_text = “{ $file }” 不是 UTF-8 文本。
import_file_bad_form = “{ $file }” 格式与其工具所写的不符。
import_file_encrypted = “{ $file }” 已由 rclone 加密。
import_file_unreadable = “{ $file }” 无法读取。
import_file_encrypted_hint = Ferry 不会询问其密码。请用 “rclone config show” 查看该远端，并在此手动填写密钥。
import_file_hint = 其他文件不受影响，仍已读取。
