### 配置表单、密钥，以及其他工具的密钥。

form_newTitle = 新建配置
form_editTitle = 编辑配置
form_practiceNote = 体验存储桶是本机的一个文件夹，其地址和密钥由 Ferry 管理，其余均可修改。
form_name = 名称
form_provider = 服务商
form_oss = 阿里云 OSS
form_s3 = S3 兼容存储
form_endpoint = 访问地址或地域
form_endpointHintOss = 例如 cn-hangzhou、主机名，或完整网址
form_endpointHintS3 = 例如 https://s3.example.com，或完整网址
form_region = 地域
form_regionHint = 访问地址看不出时填写
form_bucket = 存储桶
form_prefix = 前缀
form_prefixHint = 加在每个名称之前，例如 photos/2026/
# Same as in English.
form_accessKeyId = AccessKey ID
form_accessKeySecret = AccessKey Secret
form_securityToken = STS 令牌
form_optional = 可选
form_keptKeyring = 已存入系统密钥环
form_keptThisRun = 保留到 Ferry 退出
form_keepHint = 留空则继续使用 { $hint }
form_keepHintUnknown = 留空则保持不变
form_needId = 请填写 AccessKey ID。
form_needSecret = 请填写 AccessKey Secret。
form_show = 显示输入内容
form_hide = 隐藏输入内容
form_existing = 遇到同名对象
form_choices_existing_settings = 跟随设置
form_choices_existing_ask = 询问
form_choices_existing_skip = 跳过该文件
form_choices_existing_overwrite = 替换
form_choices_existing_rename = 保留两者，改名上传
form_choices_existing_skipIdentical = 内容相同则跳过，否则替换
form_understood = 示例
form_understoodWait = 填写访问地址和存储桶后，这里会显示文件去向。
form_test = 测试连接
form_testing = 正在测试…
form_testAgain = 再次测试
form_clock =
    { $direction ->
        [behind] 本机时钟比存储端慢 { $time }，Ferry 已自动校正。
       *[ahead] 本机时钟比存储端快 { $time }，Ferry 已自动校正。
    }
form_useEndpoint = 改用 { $endpoint }
form_save = 保存
form_saving = 正在保存…
form_thisRunOnly = 仅本次运行使用
form_keyringNote = 配置已保存，但 AccessKey 没有。

sections_label = 配置的各部分
sections_basics = 存储桶与密钥
sections_objects = 对象选项
sections_names = 命名
sections_connection = 连接
sections_problem = 有待更正

# Same as in English.
key_source = AccessKey
key_keyring = 手动填写，存入系统密钥环
key_environment = 从环境变量读取
key_process = 由命令提供
key_takeOver = 从其他工具导入…
key_tokenEnds = 令牌到期时间
key_tokenEndsHint = 例如 2026-11-22 18:30，也可粘贴 STS 返回的时间
key_tokenEndsWrong = 请填写日期和时间，例如 2026-11-22 18:30。
key_tokenEndsAt = { $moment } 到期
key_tokenEnded = 已于 { $moment } 到期
key_environmentNote = Ferry 从启动时的环境变量读取 { $id }、{ $secret }，以及 { $token }（如有），不会另行保存。
key_environmentFound = 已读到：{ $hint }
key_environmentMissing = 目前没有设置这些变量。请设置后重新启动 Ferry。
key_command = 命令
key_commandHint = 输出一个 JSON 对象，格式同 AWS 工具和 ossutil 的 credential_process
key_commandNote = 需要新密钥时由 Ferry 运行，令牌到期会自动更换，不会另行保存。
key_imported = AccessKey { $hint }，来自 { $file }
key_importedCommand = 命令，来自 { $file }
key_importedNote = 保存配置时才会存入系统密钥环。
key_typeInstead = 改为手动填写

imports_title = 从其他工具导入
imports_searching = 正在查找…
imports_nothing = 没有找到其他工具的密钥。
imports_pick = 请选择要导入的一项。保存配置之前不会写入任何内容。
imports_command = 命令
imports_noEndpoint = 未设置访问地址
imports_tokenEnds = 令牌 { $moment } 到期
imports_tokenEnded = 令牌已于 { $moment } 到期
imports_lookedAt = 查看了 { $count } 个文件
imports_problems = 无法读取
imports_take = 导入
