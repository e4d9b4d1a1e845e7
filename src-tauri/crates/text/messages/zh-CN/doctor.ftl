### The endpoint doctor.

## The addresses of a profile

address_own = 唯一地址
address_public = 外网
address_internal = 内网
address_accelerate = 传输加速
address_custom_domain = 自定义域名

## The steps to each

step_proxy = 代理
step_dns = 域名解析（DNS）
step_connect = 连接
step_tls = 加密（TLS）
step_clock = 时钟
step_signature = 签名与地域
step_write = 写入 1 MB 并删除

## What was found

doctor_no_proxy = 未经过代理。
doctor_through_proxy = 经过代理 { $proxy }。
doctor_resolved = “{ $host }”解析到 { $count } 个地址，用时 { $ms } 毫秒。
doctor_connected = 已连接到 { $place }，用时 { $ms } 毫秒。
doctor_encrypted = 证书受信任；首次应答用时 { $ms } 毫秒。
doctor_plain_http = 使用明文 http，传输过程未加密。
doctor_no_time = 应答中没有时间信息。
doctor_clock = 本机时钟与存储端相差 { $seconds } 秒。
doctor_signed = 存储端接受签名。
doctor_signed_in_region = 存储端接受签名；存储桶位于 { $region }。
doctor_written = 已写入（{ $speed }）并删除。
doctor_left_behind = 已写入，但无法删除：“{ $key }”仍在存储桶中。
doctor_not_tried = 未检测。

## What to do

doctor_keep = 建议：保持当前 Endpoint，上传正常。
doctor_mend = 建议：先处理“{ $step }”。
doctor_use_instead = 建议：改用 { $endpoint }（{ $kind }）：该地址可用，而当前 Endpoint 不可用。
doctor_use_internal = 建议：改用 { $endpoint }（内网）：本机可以访问，且内网流量免费。
doctor_use_faster = 建议：改用 { $endpoint }（{ $kind }）：其速度为 { $speed }，当前 Endpoint 为 { $present }。
doctor_use_accelerate = 建议：改用 { $endpoint }（传输加速，另行收费）：其速度为 { $speed }，当前 Endpoint 为 { $present }。
