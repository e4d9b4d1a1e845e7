### 各类故障的说明及处理建议。$subject 是故障所涉及的名称。

## The network and the store

fault_unreachable = 无法连接 { the_endpoint }。
fault_unreachable_hint = 请检查网络和 Endpoint。连接恢复后，Ferry 会自动继续。
fault_connection_lost = 与存储服务的连接已中断。
fault_connection_lost_hint = Ferry 会自动重试，只重传中断时正在发送的部分。
fault_stalled = 存储服务没有响应。
fault_stalled_hint = Ferry 会自动重试。若持续出现，请检查网络。
fault_not_store = 收到的响应并非来自对象存储。
fault_not_store_hint = 可能被上网登录页或代理拦截：请先在浏览器中完成网络登录，并检查 Endpoint。
fault_tls_failed = 无法与 { the_endpoint } 建立安全连接：证书未通过验证。
fault_tls_failed_hint = 请检查 Endpoint 和本机日期。如经由公司代理上网，需先在系统中信任其证书。精简的 Linux 需安装 ca-certificates。
fault_certificate_untrusted = 本机不信任 { the_endpoint } 的证书。
fault_certificate_untrusted_hint = 如果公司代理会替换证书，请在配置中添加其 CA 证书文件；否则请检查 Endpoint，连接可能被他人拦截。
fault_ca_file_unusable = 无法使用 CA 证书文件 { the_file }。
fault_ca_file_unusable_hint = 请选择 PEM 格式的文件，内容以“BEGIN CERTIFICATE”一行开头。
fault_proxy_invalid = 无法使用代理 { of_proxy }。
fault_proxy_invalid_hint = 请写成 http://proxy.example.com:3128 的形式，开头也可以是 https、socks5 或 socks5h。
fault_proxy_unreachable = 无法连接代理 { of_proxy }。
fault_proxy_unreachable_hint = 请检查网络和代理设置。连接恢复后，Ferry 会自动继续。
fault_proxy_broke = 代理 { of_proxy } 中断了连接。
fault_proxy_broke_hint = Ferry 会自动重试。若持续出现，请联系代理的管理员。
fault_proxy_sign_in = 代理 { of_proxy } 要求登录。
fault_proxy_sign_in_hint = 请填写或更正代理的用户名和密码。
fault_proxy_refused = 代理 { of_proxy } 不允许连接到存储服务。
fault_proxy_refused_hint = 请联系代理的管理员放行该 Endpoint，或改用其他网络。
fault_server_error = 存储服务发生内部错误。
fault_server_error_hint = Ferry 会自动重试。
fault_throttled = 请求过于频繁，存储服务已限流。
fault_throttled_hint = Ferry 会自动降低请求频率并继续。
fault_object_busy = 同一对象正在被其他操作修改。
fault_object_busy_hint = Ferry 会自动重试。若持续出现，请确认是否有其他程序在写入。
fault_request_timeout = 数据传输过慢，请求已超时。
fault_request_timeout_hint = Ferry 会自动重试。网络较慢时，可减少同时上传的数量。

## Keys and accounts

fault_bad_access_key = AccessKey ID 不存在或已被禁用。
fault_bad_access_key_hint = 请检查配置中的 AccessKey ID，它可能已被删除或禁用。
fault_bad_signature = 签名不匹配：AccessKey Secret 可能有误。
fault_bad_signature_hint = 请在配置中重新填写 AccessKey Secret，注意前后不要有空格。
fault_token_expired = 安全令牌（SecurityToken）已过期或无效。
fault_token_expired_hint = 请在配置中填写新的安全令牌，上传会从中断处继续。
fault_access_denied = 此 AccessKey 没有相应的权限。
fault_access_denied_hint = 请联系 Bucket 所有者授予上传权限；被拒绝的操作见详情。
fault_clock_skew = 本机时间偏差过大。
fault_clock_skew_hint = 请将系统日期和时间设为自动同步，然后重试。
fault_account_suspended = 账号或 Bucket 已被停用。
fault_account_suspended_hint = 请登录服务商控制台，查看账号是否欠费或被限制。
fault_store_full = 存储空间已满，或 Bucket 配额已用完。
fault_store_full_hint = 请清理空间或提高配额，然后重试；已发送的部分会保留。
fault_encryption_key_refused = 无法使用指定的加密密钥。
fault_encryption_key_refused_hint = 请检查 KMS 密钥 ID 及其状态，并确认此 AccessKey 有权使用该密钥。
fault_credentials_missing = 此配置尚未保存 AccessKey。
fault_credentials_missing_hint = 请在配置中填写 AccessKey；使用命令行时，可通过环境变量提供。
fault_keyring_locked = 系统密钥环已锁定。
fault_keyring_locked_hint = 请解锁后重试，或仅在本次运行中输入 Secret。
fault_keyring_absent = 系统中没有正在运行的密钥环服务。
fault_keyring_absent_hint = 请启动密钥环服务（例如 gnome-keyring），或仅在本次运行中输入 Secret；Ferry 不会将其写入文件。
fault_credential_process_failed = { the_command } 没有给出可用的密钥。
fault_credential_process_failed_hint = 请在终端中运行配置里的凭证命令以查看原因；Ferry 也会自动重新运行该命令。

## Where things go

fault_no_such_bucket = { the_bucket } 不存在。
fault_no_such_bucket_hint = 请检查 Bucket 名称，以及 Endpoint 是否为该 Bucket 所在的地域。
fault_wrong_endpoint = { the_bucket } 需要通过其他 Endpoint 访问。
fault_wrong_endpoint_hint = 请在配置中填写该 Bucket 所在地域的 Endpoint。新开通 OSS 的账号需使用自定义域名上传。
fault_wrong_region = { the_bucket } 所在地域与配置不一致。
fault_wrong_region_hint = 请在配置中更正地域；可在服务商控制台的 Bucket 概览中查看。
fault_region_missing = 无法从 Endpoint 得知所在地域。
fault_region_missing_hint = 请填写 Bucket 所在地域，例如 cn-hangzhou；可在服务商控制台的 Bucket 概览中查看。
fault_addressing_refused = 存储服务不支持以这种网址形式访问 { the_bucket }。
fault_addressing_refused_hint = 请在配置中调整访问方式：服务商的 Endpoint 选“在主机名中”，已绑定到 Bucket 的域名选“自有域名（CNAME）”。
fault_invalid_endpoint = { the_endpoint } 不是有效的存储服务地址。
fault_invalid_endpoint_hint = 请填写域名（例如 oss-cn-hangzhou.aliyuncs.com），或以 https:// 开头的地址。
fault_invalid_bucket_name = { the_bucket } 不是有效的 Bucket 名称。
fault_invalid_bucket_name_hint = 名称为 3 至 63 个字符，只能包含小写字母、数字和短划线，且以字母或数字开头和结尾。
fault_insecure_endpoint = { the_endpoint } 使用未加密的 http，传输内容不受保护。
fault_insecure_endpoint_hint = 请改用 https；若为自有网络，可在配置中允许 http。

## Objects

fault_no_such_key = { the_object } 不在 Bucket 中。
fault_no_such_key_hint = 请重新上传。
fault_upload_gone = 存储服务中已没有这次上传的记录。
fault_upload_gone_hint = 请重试：Ferry 会先检查已有内容，必要时才重新上传。
fault_parts_refused = 存储服务中的分片与发送的不一致。
fault_parts_refused_hint = 请重试：不一致的分片会重新上传。
fault_part_too_small = 分片小于存储服务允许的最小值。
fault_part_too_small_hint = 请重试：文件会以更大的分片重新上传。
fault_too_large = { the_object } 超过存储服务允许的大小。
fault_too_large_hint = 请拆分文件。单个对象最大为 48.8 TiB，部分存储服务的上限更低。
fault_key_invalid = { the_object } 不能用作对象名称。
fault_key_invalid_hint = 对象名称为 1 至 1023 字节，不能以 / 或 \ 开头，且任何一级都不能是 . 或 ..（否则无法生成链接）。请重命名文件或修改前缀。
fault_already_exists = 已存在同名对象。
fault_already_exists_hint = 请选择跳过、替换，或保留两者。
fault_options_differ = { the_object } 已存在且内容相同，但选项不同。
fault_options_differ_hint = 请选择跳过、替换以应用这些选项，或保留两者。
fault_immutable = { the_object } 受保留策略保护，无法覆盖。
fault_immutable_hint = 请换一个名称上传。
fault_digest_refused = 存储服务收到的数据与发送的不一致。
fault_digest_refused_hint = 请重试。若持续出现，可能是文件在读取时被修改，或内存、磁盘、网络存在故障。
fault_checksum_mismatch = 存储服务返回的校验值与文件不一致。
fault_checksum_mismatch_hint = 该对象不可信，请重试。Ferry 不会自行删除它。
fault_damaged_object = { the_object } 每次上传都未通过校验，损坏的对象仍在 Bucket 中。
fault_damaged_object_hint = 该对象不可信，请重试，Ferry 会覆盖它。若持续出现，请检查本机内存和网络。
fault_token_ends_before_link = { the_profile } 的令牌会先于链接到期。
fault_token_ends_before_link_hint = 令牌到期后链接即失效。如需更长有效期，请使用长期密钥。
fault_unproven = 存储服务没有返回可供比对的校验值，因此不视为已完成。
fault_unproven_hint = 请将配置的完整性设为“严格”，逐个校验分片，然后重试。
fault_precondition_failed = 对象已发生变化，请求被拒绝。
fault_precondition_failed_hint = 请查看该对象，然后重试。
fault_archived = { the_object } 处于归档状态。
fault_archived_hint = 请先解冻该对象。
fault_unsupported = 存储服务不支持此操作。
fault_unsupported_hint = 请检查配置中的服务商和选项。
fault_option_refused = 存储服务不接受此次上传的某个选项。
fault_option_refused_hint = 请根据详情调整存储类型、标签、元数据或加密方式，然后重试。
fault_invalid_request = 存储服务拒绝了该请求。
fault_invalid_request_hint = 原因见详情。请检查配置中的地域、Endpoint 和选项。
fault_callback_failed = 已上传，但回调应用服务器失败。
fault_callback_failed_hint = 对象已存在，无需重新上传。请检查回调地址。
fault_replaced_after_upload = 已上传，但该位置现在是其他对象或为空。
fault_replaced_after_upload_hint = 它可能已被他人覆盖或删除。重新上传前，请先查看 Bucket。
fault_unknown_answer = 存储服务返回了 Ferry 无法识别的结果。
fault_unknown_answer_hint = 请重试。若持续出现，请将详情提供给服务商。

## Files

fault_source_missing = { the_file } 不存在。
fault_source_missing_hint = 文件可能已被移动、重命名或删除，或所在磁盘已断开。请恢复后重试。
fault_source_unreadable = 没有读取 { the_file } 的权限。
fault_source_unreadable_hint = 请检查文件权限，以及文件是否被其他程序占用，然后重试。
fault_source_not_regular = { the_file } 不是普通文件。
fault_source_not_regular_hint = 设备、管道和套接字无法上传，已跳过。
fault_source_is_link = { the_file } 是文件夹中的链接，不会跟随。
fault_source_is_link_hint = 如有需要，请单独添加它指向的文件。
fault_source_changed = { the_file } 在添加后发生了变化。
fault_source_changed_hint = 可选择上传最新内容，或跳过该文件。
fault_source_behind_link = { the_file } 的路径中出现了添加时没有的链接。
fault_source_behind_link_hint = Ferry 不会跟随这样的链接。请恢复原文件后重试，或取消后直接添加链接指向的内容。
fault_source_read_failed = 读取 { the_file } 时出错。
fault_source_read_failed_hint = 请检查磁盘或网络驱动器，然后重试。
fault_volume_missing = { the_file } 所在的磁盘或网络文件夹不可用。
fault_volume_missing_hint = 请重新连接，等待中的文件会自动继续。
fault_folder_missing = 监视的文件夹 { the_folder } 不存在。
fault_folder_missing_hint = 请重新连接所在的磁盘或共享，或将文件夹移回原处，之后监视会继续。
fault_watch_limit = 系统无法再报告更多文件夹的变化。
fault_watch_limit_hint = 新文件会在每隔几分钟检查整个文件夹时被发现。在 Linux 上，可调高 fs.inotify.max_user_watches，以便立即发现。
fault_too_many_open_files = 本机打开的文件过多。
fault_too_many_open_files_hint = Ferry 会自动重试。若持续出现，请关闭其他程序，或提高系统的打开文件数上限。
fault_empty_folder = { the_folder } 中没有文件。
fault_empty_folder_hint = 没有可上传的内容。
fault_name_not_unicode = { the_file } 的名称包含无效字符。
fault_name_not_unicode_hint = 请重命名文件后重新添加。
fault_key_collision = 一同添加的另一个文件也将上传到 { the_object }。
fault_key_collision_hint = 请重命名其中一个，或分开添加。

## Ferry itself

fault_disk_full = 保存上传列表的磁盘已满。
fault_disk_full_hint = 请清理磁盘空间；列表中的内容不会丢失，Ferry 会自动继续。
fault_file_not_written = 无法写入{ the_file }。
fault_file_not_written_hint = 请选择其他文件夹，或清理磁盘空间。
fault_journal_broken = 无法读写上传列表。
fault_journal_broken_hint = 请检查磁盘以及 Ferry 数据文件夹的权限。Ferry 会自动重试。
fault_journal_busy = 另一个 Ferry 正在使用此上传列表。
fault_journal_busy_hint = 请关闭其窗口，或等待另一条命令结束，然后重试。
fault_no_such_profile = 没有名为 { the_profile } 的配置。
fault_no_such_profile_hint = 可运行 `ferry profile list` 查看全部配置。
fault_no_such_batch = 没有编号为 { $subject } 的任务。
fault_no_such_batch_hint = 可运行 `ferry history` 查看全部编号。
fault_no_such_watch = 没有编号或文件夹为 { $subject } 的监视。
fault_no_such_watch_hint = 可运行 `ferry watch list` 查看全部监视。
fault_invalid_input = { the_input } 在此处无效。
fault_invalid_input_hint = 请更正后重试。
fault_desktop_refused = 桌面系统没有执行此操作。
fault_desktop_refused_hint = 详情中有系统给出的原因。上传不受影响。
fault_updates_unreachable = 无法检查 Ferry 的新版本。
fault_updates_unreachable_hint = 请检查网络，稍后再试。上传不受影响。
fault_update_refused = 提供的 Ferry 新版本签名不符，或无法读取。
fault_update_refused_hint = 没有安装任何内容。请反馈详情。
fault_internal = Ferry 内部出错。
fault_internal_hint = 数据没有丢失：请重试，并反馈详情。

## Where more is known

fault_hint_endpoint = 存储服务返回了正确的 Endpoint：{ $endpoint }。请在配置中改用它。
fault_hint_region = 存储服务返回的地域是 { $region }。请在配置中改用它。
fault_hint_permission = 请联系 Bucket 所有者授予 { $permission } 权限。
fault_hint_changed_request = 可能由代理或安全软件造成。请改用 https 或其他网络，或联系代理的管理员。
fault_clock_slow = 本机时间慢了 { $span }。
fault_clock_fast = 本机时间快了 { $span }。
fault_secret_wrong = AccessKey Secret 不正确，签名不匹配。
fault_request_changed = 请求在传输途中被改动（{ $parts }）。

## What a comparison of signatures showed

signature_same_text = 双方签名的内容相同：Secret 不一致。
signature_changed = 请求到达时已被改动：{ $parts }。
signature_unknown = 存储服务没有返回它签名的内容。

request_part_method = 请求方法
request_part_path = 路径
request_part_query = 查询参数
request_part_header = 请求头 { $name }
request_part_payload = 内容哈希
request_part_time = 时间
request_part_region = 地域
request_part_unnamed = 具体位置未知
