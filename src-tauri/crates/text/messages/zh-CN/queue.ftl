### 队列：存储端的上传任务属于谁，以及列表损坏后的处理。

ownership_ours = 属于本机：所有分片均一致。
ownership_superseded = 属于本机，但该文件正通过另一个上传任务继续。
ownership_queued = 本队列中的传输正在使用它。
ownership_no_file = 非本机：所给文件均无此键名。
ownership_no_parts = 没有任何分片，无法判断归属。
ownership_other_cut = 非本机：其分片与该文件不相符。
ownership_part_differs = 非本机，或文件已更改：第 { $number } 个分片内容不同。
ownership_unproven = 无法证实：服务端未提供第 { $number } 个分片的校验值。

## What of the queue on disk cannot be read

queue_unreadable = 上传列表中有 { $count } 项无法读取，不会上传；请重新添加这些文件。
queue_damaged = 上传列表已损坏，已保留 { $uploads } 个上传和 { $profiles } 个访问配置。
queue_lost = { $count } 个已丢失，请重新添加其文件。
queue_lost_unknown = 丢失的数量未知，请核对您的文件是否都在其中。
queue_paused = { $count } 个已暂停，请确认后再继续。
queue_damaged_kept = 损坏的文件已另存为 { $file }；您的文件没有受影响。
queue_missing = 位于 { $file } 的上传列表已丢失，已新建列表；您的文件没有受影响。
queue_older = 上传列表早于 Ferry 最后写入的内容，最近的更改已丢失；请核对您的文件是否都在其中。
