### Receipts: what became of what was dropped, and of the objects since.

receipt_counts = 添加 { $files } 个 = 已上传并校验 { $verified } 个 + 未上传 { $skipped } 个 + 失败 { $failed } 个 + 未完成 { $open } 个
receipt_safe = 可以删除本地文件：是，每个文件都已在存储端并通过校验。
receipt_not_safe = 可以删除本地文件：否，原因：{ $why }。

## Why local files must not be deleted, as they follow "because"

unsafe_adding = 仍在添加文件
unsafe_empty = 没有添加任何文件
unsafe_open = { $count } 个尚未完成
unsafe_failed = { $count } 个失败或等待处理
unsafe_left_out = { $count } 个未上传
unsafe_differs = { $count } 个在存储端的内容已不同
unsafe_gone = { $count } 个已不在存储端
unsafe_unproven = { $count } 个虽在存储端，但无法证明其内容
unsafe_unanswered = 存储端未提供 { $count } 个的信息

## What asking the store again found

recheck_same = 与校验时一致。
recheck_other_version = 内容相同，但版本不同。
recheck_differs = 现在的内容不同。
recheck_unproven = 对象存在，但存储端未提供可证明其内容的信息。
recheck_gone = 对象已不存在。
recheck_counts = 查询 { $asked } 个 = 与校验时一致 { $same } 个 + 版本不同 { $other_version } 个 + 内容不同 { $differs } 个 + 已不存在 { $gone } 个 + 无法确定 { $unknown } 个

## Lists of digests

left_out_no_digest = 上传时未计算其摘要
left_out_changed = 上传后文件已更改
left_out_no_proof = 无法确认它仍是上传时的内容
left_out_name = 其文件名无法写入媒体哈希列表（MHL）
digests_missing = { $count } 个已上传的文件不在列表中。使用 --read-files 可读取本地文件来计算摘要。
digests_left_out = { $count } 个已上传的文件不在列表中。
mhl_root = 列表中的路径相对于 { $folder }。

# Of a file in the list of a receipt.
receipt_replaced = 已由该文件的新版本取代
