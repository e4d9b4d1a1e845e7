### 限制上传速度的因素，以及基准测试的结论。

## What limits an upload

limited_by_network = 您的网络
limited_by_disk = 本机磁盘
limited_by_store = 存储服务的响应
limited_by_limit = 您设置的限速
limited_by_computer = 本机性能

## Why so many requests go side by side

chosen_fixed = 按您的设置
chosen_start = 初始值，无需更多
chosen_growing = 仍在增加，并发越多越快
chosen_best = 再增加也不会更快
chosen_ceiling = 自动模式上限
chosen_slowed_down = 因被拒绝或连接中断而减少

## Advice

advice_unfinished = { $all } 个对象中有 { $open } 个未存储（高于 0）：数字只涉及其余对象。
advice_too_short = 用时 { $seconds } 秒，低于 { $least } 秒：加大 { $option } 可得到更稳定的数字。
advice_slow_answers = 响应时间 p95 为 { $p95 } 毫秒，高于 { $most } 毫秒：存储空间距离较远或服务繁忙。可改用更近的地域、内网 Endpoint 或传输加速。
advice_uneven = 请求耗时 p99 为 p50 的 { $times } 倍，高于 { $most } 倍：部分请求有停顿，可能是途中丢包，或服务偶尔繁忙。
advice_retries = { $share } 的请求经过重试，高于 { $most }：连接中断或服务拒绝。减少并发（--parallel）可能更快。
advice_throttled = { $share } 的等待时间是服务端限流，高于 { $most }：账号或存储空间已达带宽或请求数上限，可向服务商申请提高。
advice_network_full = { $share } 的等待时间在等网络发送，高于 { $most }：线路已满，增加并发没有帮助。
advice_computer_busy = 处理器有 { $share } 的时间在忙，达到 { $most } 即成为瓶颈：请检查其他程序或更换更快的计算机。
advice_speed_limit = { $share } 的等待时间来自您设置的限速，高于 { $most }：取消限速会更快。
advice_ceiling = 并发请求数已达自动模式上限 { $number }：--parallel { $most } 可能更快。
