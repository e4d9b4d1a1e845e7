### 命令行。

output_not_written = 无法写入输出：{ $error }

## Progress on a terminal

block_files = { $ended } / { $files } 个文件
block_time_left = 剩余 { $time }
block_retries = 重试 { $count } 次
block_requests = { $count } 个请求同时进行
block_running = { $count } 个文件正在上传
block_limited_by = 受限于{ $what }
block_waits_for = 等待 { $endpoint }
block_no_limit_until = 不限速，至 { $time }
block_limit_until = 最高 { $speed }，至 { $time }
block_growing = 等待写入
block_verifying = 校验中
block_retrying = 重试中
block_waiting = 等待中
block_cancelling = 取消中

## Uploading

wait_forever = 正在等待其恢复。按 Ctrl-C 结束；再次运行同一命令即可继续。
wait_at_most = 正在等待其恢复，最长 { $limit }（--wait）。按 Ctrl-C 结束；再次运行同一命令即可继续。
wait_taken_back = 正在等待其恢复（--wait { $limit }）。管道输入无法稍后继续：按 Ctrl-C 结束，并撤回已发送的内容。
put_want_key = { $count } 项在等待新的密钥：换用新密钥再次运行同一命令，即可从原处继续。
metrics_served = 指标地址：http://{ $address }/metrics
metrics_public = 警告：其他计算机可以访问 { $address }，且没有密码保护。指标中含有配置名称和传输量。
hook_failed = 钩子 { $what } 失败：{ $why } 上传不受影响。
hooks_left_out = 等待的钩子调用过多，已略过 { $count } 次。
put_taken_back = 管道输入未上传：存储端没有遗留任何未完成的内容。它无法继续，请重新运行整个管道。
put_left_open = 存储端未确认 { $key } 的分片上传已取消。它可能仍未完成并产生费用：上传 ID { $id }。Ferry 下次启动时会取消它。
put_perhaps_left_open = 存储端未说明 { $key } 的结果：可能有未完成的分片上传，或对象已存在。Ferry 下次启动时会再次查询。
put_more_remarks = 另有 { $count } 个对象情况相同：可用 ferry queue --state done 查看。
run_summary = { $files } 个文件（{ $bytes }）：已校验 { $verified }，跳过 { $skipped }，未完成 { $open }；{ $sent }
run_sent = { $seconds } 秒内发送 { $bytes }（{ $speed }）

## Uploads that were left on a store

recover_resumed = { $ownership }已继续。
recover_aborted = { $ownership }已中止。
recover_left = { $ownership }未改动。
recover_begun = { $time }，{ $age }前
recover_none = 没有未完成的上传。
recover_listed = 共 { $all } 个未完成的上传。--resume 将继续其中 { $ours } 个，--abort 将中止 { $aborted } 个；其余仅在 --abort --upload ID 指定时中止。
recover_would_resume = 共 { $all } 个未完成的上传，其中 { $ours } 个属于本机，可以继续。
recover_would_abort = 共有 { $all } 个未完成的上传，其中 { $ours } 个属于本机。

## Links

link_none = 没有已校验的传输可生成链接。
link_left_out = 已略过 { $count } 项：尚未上传并校验。
link_ends =
    { $count ->
        [1] 链接有效期至 { $time }。
       *[other] 链接有效期至 { $time }（以最早者为准）。
    }

## Profiles

profile_works = “{ $name }”可用：已试传并撤回。时钟偏差：{ $seconds } 秒。
profile_without_keys = 已添加“{ $name }”，但未保存密钥：每次运行时请通过环境变量提供。

## Taking over what other tools have

import_nothing = 以下位置没有可导入的内容：{ $files }
import_by_command = （命令）
import_token_ends = 令牌有效期至 { $time }
import_ask_command = 添加“{ $name }”（每次运行 { $program } 获取密钥）？[y/N]
import_ask_keyring = 将此密钥存入系统密钥环，用于“{ $name }”？[y/N]

## Benchmarks

bench_sending = 将向 { $place } 发送最多 { $bytes }：{ $large } × { $large_size }，然后 { $small } × { $small_size }，约 { $requests } 次请求，按正常流量和请求计费。完成后全部删除。
bench_deleting = 正在删除已创建的内容。
bench_deleted = 已删除 { $objects } 个对象，中止 { $uploads } 个上传：没有残留。
bench_left = 可能残留 { $count } 个对象或上传并产生存储费用：请删除 { $place } 下的全部内容（如 { $some }）。
bench_large = 大文件：{ $speed }（{ $seconds } 秒，{ $objects } 个对象，{ $bytes }）
bench_small = 小文件：{ $each } 个/秒（{ $seconds } 秒，{ $objects } 个对象，{ $bytes }）
bench_times = 请求 { $requests }；响应 { $answers }（{ $count } 次请求，重试 { $retries } 次）
bench_percentiles = p50 { $p50 } 毫秒，p95 { $p95 } 毫秒，p99 { $p99 } 毫秒
bench_parallel = 并发请求 { $parallel }：{ $why }；瓶颈：{ $what }
bench_no_limit = 无明显瓶颈
bench_advice_large = 大文件：{ $advice }
bench_advice_small = 小文件：{ $advice }

## ferry watch

watch_added = 监视 { $id }：{ $folder } -> { $destination }。由 `ferry watch run` 或窗口运行。
watch_begun = 正在监视 { $folder } -> { $destination }
watch_removed = 已停止监视 { $watch }，已上传的对象保留不变。
watch_is_changed = 监视 { $watch } 已更改。
watch_is_paused = 监视 { $watch } 已暂停。
watch_is_resumed = 监视 { $watch } 已恢复。
watch_paused = 已暂停
watch_day = { $files } 个文件，{ $bytes }{ $failures ->
        [0] {""}
       *[other] ，{ $failures } 个需要处理
    }
watch_known = { $files } 个文件
watch_would_take = 现在将上传 { $files } 个文件（{ $bytes }）到 { $destination }。
watch_never_takes = 从不上传：{ $names }
watch_would_keep = 文件会保留在本地。
watch_would_move = 之后每个未再更改的文件会移动到 { $folder }。
watch_would_delete = 之后每个未再更改的本地文件会被删除。
