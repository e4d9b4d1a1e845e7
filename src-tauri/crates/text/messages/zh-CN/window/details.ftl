### The details of one file.

details_label = 详情
details_destination = 目标
details_folder = 来自
details_profile = 配置
details_there = 存储端
details_here = 本机
details_acked = 已确认
details_ackedOf = { $acked }，共 { $size }（{ $percent }%）
details_parts = 分片
details_single = 单个请求
details_retries = 重试
details_code = 错误码
# Same as in English.
details_ec = EC
details_request = 请求 ID
details_endpoint = 应使用的地址
details_copy = 复制详情
details_copied = 已复制
details_copyFailed = 无法复制
details_close = 关闭详情
details_speed = 速度
details_started = 开始时间
details_finished = 结束时间
details_took = 用时
details_verifiedBy = 校验方式
# Same as in English.
details_etag = ETag
details_version = 版本
details_upload = 上传 ID
details_same = 与存储端一致
details_onlyHere = 仅在本机计算
details_mapAcknowledged = 已确认 { $count } / { $all }
details_mapInFlight = { $count } 个传输中
details_mapRetrying = { $count } 个等待重试
details_mapVerified = 全部 { $all } 个分片已校验
details_mapCell = 每格为 { $count } 个分片
details_both = { $first }，{ $second }
details_lastOf = 共 { $all } 次，显示最近 { $shown } 次
details_part = 第 { $number } 个分片

## What a file's being verified rests on

proofs_crc64 = 整个对象的 CRC-64/XZ
proofs_crc64Nvme = 整个对象的 CRC-64/NVME
proofs_acknowledged = 已确认的 ETag
proofs_md5 = 整个对象的 MD5（即 ETag）
proofs_md5OfParts = 每个分片的 MD5（见 ETag）
proofs_contentMd5 = 每个请求的 Content-MD5 及对象大小
