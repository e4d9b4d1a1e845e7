### 对象选项、命名，以及各字段的要求。

options_asBucket = 与存储桶一致
options_notSent = 不设置
options_storageClass = 存储类型
options_classes_Standard = 标准存储
options_classes_IA = 低频访问
options_classes_Archive = 归档存储
options_classes_ColdArchive = 冷归档存储
options_classes_DeepColdArchive = 深度冷归档存储
options_classOther = 其他…
options_classOtherName = 存储端的类型名称
options_acl = 读写权限（ACL）
options_acls_default = 继承存储桶
options_acls_private = 私有
options_acls_public-read = 公共读
options_acls_public-read-write = 公共读写
options_encryption = 服务器端加密
options_encryptionAes256 = AES256，由存储端托管密钥
options_encryptionKms = KMS，使用密钥管理服务
options_kmsKeyId = KMS 密钥 ID
options_kmsKeyIdHint = 留空则使用默认密钥
options_contentType = Content-Type（文件类型）
options_contentTypeHint = 留空则按扩展名判断
options_cacheControl = Cache-Control（缓存）
options_cacheControlHint = 例如 max-age=86400
options_contentDisposition = Content-Disposition（下载方式）
options_contentDispositionHint = 例如 attachment
options_metadata = 自定义元数据
options_metadataHint = 以 { $header }… 发送
options_metadataAdd = 添加元数据
options_tags = 对象标签
options_tagsHint = 最多 10 个
options_tagsAdd = 添加标签
options_pairName = 名称
options_pairValue = 值
options_pairRemove = 删除这一行
options_trafficLimit = 单连接限速
# Same as in English.
options_trafficLimitUnit = KB/s
options_trafficLimitHint = 100 到 102400，由 OSS 执行，留空则不限
options_sha256 = 将每个文件的 SHA-256 存为元数据
options_sha256Hint = 发送第一个字节之前，每个文件会多读一遍。
options_callbackUrl = 回调 URL
options_callbackUrlHint = 上传后由 OSS 调用，多个以 ; 分隔
options_callbackBody = 回调 Body
options_callbackBodyHint = 例如 bucket=${"{bucket}"}&object=${"{object}"}&size=${"{size}"}
options_callbackBodyType = 回调 Body 类型
options_callbackForm = 表单
# Same as in English.
options_callbackJson = JSON
options_callbackVariables = 回调自定义参数
options_callbackVariablesHint = 名称以 x: 开头，在 Body 中写作 ${"{x:名称}"}
options_callbackVariablesAdd = 添加参数

names_template = 命名模板
names_templateHint = 决定文件的位置和名称如何成为对象名称
names_insert = 插入 { $field }
names_fields_prefix = 前缀
names_fields_dir = 拖入位置以下的文件夹
names_fields_name = 文件名
names_fields_stem = 不含扩展名的文件名
names_fields_ext = 扩展名（含点）
names_fields_yyyy = 年
names_fields_mm = 月
names_fields_dd = 日
names_fields_hash8 = SHA-256 的开头
names_preview = 预览
names_noPreview = 模板目前无法使用。
names_reset = 恢复默认
names_hashNote = 使用 {"{hash8}"} 时，每个文件排队前会先读一遍。
names_form = Unicode 规范化
names_formNfc = 合成形式（NFC，推荐）
names_formAsIs = 与磁盘上一致

rules_name = 请填写名称。
rules_parallel = 填 1 到 256 的整数，或留空。
rules_partSize = 填 1 到 5120 的整数（MiB），或留空。
rules_exclude = 有一个模式无法理解，请检查其中的 [ ] 和 {"{ }"}。
rules_keyCommand = 请填写提供密钥的命令。
rules_keyTemplate = 须含 {"{name}"}、{"{stem}"} 或 {"{hash8}"}，花括号内只能用下列字段；花括号本身写作 {"{{"}。
rules_connectSeconds = 1 到 3600 秒。
rules_idleSeconds = 1 到 3600 秒。
rules_connections = 最多 128。
rules_linkDomain = 不带路径的域名，例如 https://img.example.com。
rules_limit = 时间写作 08:00 且时段不能重叠，速度写作 2 或 512 KiB/s。
rules_network__proxyServer = 格式如 http://proxy.example.com:3128，也支持 https、socks5、socks5h。
rules_options__storageClass = 存储端没有这个存储类型。
rules_options__acl = 存储端没有这个读写权限。
rules_options__encryption = 密钥 ID 只能含英文字母、数字和符号。
rules_options__contentType = 只能含英文字母、数字和符号。
rules_options__cacheControl = 只能含英文字母、数字和符号。
rules_options__contentDisposition = 只能含英文字母、数字和符号。
rules_options__metadata = 名称由字母、数字和 - 组成（S3 还可用 _ 和 .）且不重复，ferry-id 和 sha256 由 Ferry 使用；合计 OSS 不超过 8 KiB，S3 不超过 2 KiB。
rules_options__tags = 最多 10 个且名称不重复，可含字母（OSS 仅限英文字母，S3 可用任何文字）、数字、空格和 + - = . _ : /（S3 还可用 @）。
rules_options__trafficLimit = 100 到 102400 KB/s。
rules_options__callback = 需要一到五个 http 或 https 地址和 Body；参数名以 x: 开头且不含大写字母。
