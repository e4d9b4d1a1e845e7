### 队列：存储端的上传任务属于谁。

ownership_ours = 属于本机：所有分片均一致。
ownership_superseded = 属于本机，但该文件正通过另一个上传任务继续。
ownership_queued = 本队列中的传输正在使用它。
ownership_no_file = 非本机：所给文件均无此键名。
ownership_no_parts = 没有任何分片，无法判断归属。
ownership_other_cut = 非本机：其分片与该文件不相符。
ownership_part_differs = 非本机，或文件已更改：第 { $number } 个分片内容不同。
ownership_unproven = 无法证实：服务端未提供第 { $number } 个分片的校验值。
