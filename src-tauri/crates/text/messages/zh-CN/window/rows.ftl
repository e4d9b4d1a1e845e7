### 列表行：状态、操作、筛选。

states_queued = 等待上传
states_uploading = 上传中
states_growing = 等待写入
states_verifying = 校验中
states_waiting = 等待中
states_retrying = 重试中
states_paused = 已暂停
states_failed = 失败
states_conflict = 已有同名对象
states_sourceChanged = 文件已变动
states_settling = 等待写入结束
states_cancelling = 正在取消
states_done = 已完成
states_skipped = 已跳过
states_cancelled = 已取消

stateHints_queued = 等待轮到它
stateHints_uploading = 正在发送数据
stateHints_growing = 文件现有的内容都已发送，其余部分写入后继续发送
stateHints_verifying = 数据已全部送达，正在核对存储端的结果
stateHints_waiting = 等待存储端恢复响应，或配置修正
stateHints_retrying = 有请求失败，稍后自动重试
stateHints_paused = 已由您暂停；已存储的部分不会重发
stateHints_failed = 因问题而停止
stateHints_conflict = 存储端已有同名对象，请选择处理方式
stateHints_sourceChanged = 添加后文件被修改，请选择处理方式
stateHints_settling = 文件仍在写入；10 秒内无变化后自动上传
stateHints_cancelling = 正在从存储端撤回这次上传
stateHints_done = 已校验：存储端的内容与本机读取的一致
stateHints_skipped = 未上传：存储端的内容保持不变
stateHints_cancelled = 已由您取消；存储端没有残留

actions_pause = 暂停
actions_resume = 继续
actions_retry = 重试
actions_cancel = 取消
actions_remove = 移除
actions_overwrite = 替换
actions_skip = 跳过
actions_rename = 保留两者
actions_startOver = 上传最新内容
actions_waitUntilQuiet = 等写入结束

actionHints_pause = 暂停这个上传
actionHints_resume = 从停下的地方继续
actionHints_retry = 再试一次
actionHints_cancel = 取消并撤回这个上传
actionHints_remove = 从列表中移除
actionHints_overwrite = 替换存储端的对象
actionHints_skip = 不上传此文件，存储端的内容保持不变
actionHints_rename = 换一个名称上传
actionHints_startOver = 按文件现在的内容重新上传
actionHints_waitUntilQuiet = 文件 10 秒内无变化后再上传

pending_overwrite = 即将替换
pending_skip = 即将跳过
pending_cancel = 即将取消
pending_remove = 即将移除
pendingHint = 尚未执行，仍可撤销

move_top = 移到最前
move_up = 前移一位
move_down = 后移一位
move_bottom = 移到最后

undo_label = 可以撤销
undo_undo = 撤销
# $files (Number)
undo_files_overwrite = 即将替换 { $files } 个文件
# $files (Number)
undo_files_skip = 即将跳过 { $files } 个文件
# $files (Number)
undo_files_cancel = 即将取消 { $files } 个上传
# $files (Number)
undo_files_remove = 即将从列表中移除 { $files } 个文件
# $name (String)
undo_one_overwrite = 即将替换“{ $name }”
# $name (String)
undo_one_skip = 即将跳过“{ $name }”
# $name (String)
undo_one_cancel = 即将取消上传“{ $name }”
# $name (String)
undo_one_remove = 即将从列表中移除“{ $name }”

filters_all = 全部
filters_active = 进行中
filters_paused = 已暂停
filters_attention = 需要处理
filters_conflict = 已存在
filters_changed = 文件已更改
filters_failed = 失败
filters_unverified = 尚未校验
filters_ended = 已结束
