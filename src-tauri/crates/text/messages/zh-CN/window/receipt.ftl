### Receipts in the window.

receipt_open = 回执
receipt_title = “{ $name }”的回执
receipt_dropped = 添加
receipt_uploaded = 已上传并校验
receipt_leftOut = 未上传
receipt_failed = 失败
receipt_notDone = 未完成
receipt_verify = 再次校验
receipt_verifyHint = 向存储端逐个查询对象，并与校验时的结果比较。
receipt_verifying = 已查询 { $asked } / { $total }
receipt_stop = 停止
receipt_allSame = 全部 { $count } 个对象均与校验时一致。
receipt_unlike = { $total } 个对象中有 { $count } 个与校验时不一致。
receipt_unlikeList = 与校验时不一致的对象
receipt_more = 另有 { $count } 个
receipt_files = 文件
receipt_range = 第 { $from }–{ $to } 个，共 { $total } 个
receipt_earlier = 前面的文件
receipt_later = 后面的文件
# Same as in English.
receipt_crc = CRC-64
# Same as in English.
receipt_etag = ETag
receipt_version = 版本
receipt_request = 请求
receipt_verifiedBy = 校验方式：{ $proof }
receipt_started = 开始于 { $time }
receipt_took = 用时 { $time }
receipt_format = 文件格式
receipt_formats_csv = 表格（CSV）
receipt_formats_json = JSON（每行一个对象）
receipt_formats_sha256sum = sha256sum 列表
receipt_formats_md5sum = md5sum 列表
receipt_formats_mhl = 媒体哈希列表（ASC MHL）
receipt_readFiles = 读取本地文件以补全缺少的摘要
receipt_readFilesHint = 只有仍与上传时一致的文件才会列入。
receipt_save = 保存…
receipt_saving = 正在写入…
receipt_reading = 正在读取文件并写入…
receipt_saved = 已保存为 { $path }。
receipt_savedWithout = 已保存为 { $path }，其中不含 { $count } 个文件：{ $why }。
