### What is being uploaded: the sidebar, the line above the list, the headline, batches, what needs the user.

sidebar_label = 目标与视图
sidebar_destinations = 目标
sidebar_connect = 连接存储桶
sidebar_views = 视图
# Beside a destination whose key is refused.
sidebar_held = 密钥
# Beside a destination that is held for another reason.
sidebar_paused = 已暂停
sidebar_offline = 离线
# $time (String)
sidebar_offlineFor = 离线，{ $time }

views_names_now = 正在上传
views_names_needs = 需要处理
views_names_done = 已完成
views_names_history = 历史
views_nothing_now = 没有正在上传的文件
views_nothing_needs = 没有需要处理的事项
views_nothing_done = 还没有结束的任务
views_nothing_history = 没有匹配的传输

top_destination = 文件上传到
top_practice = 体验，仅在本机
top_folder = 存储桶内的文件夹
top_whole = 整个存储桶
top_go = 前往
top_change = 更改文件夹
top_foldersUnknown = 无法列出其中的文件夹，请直接输入名称
top_foldersMore = 文件夹较多，未全部列出，可直接输入名称
top_add = 添加
top_noLimit = 不限速
# $rate (String)
top_limit = 限速 { $rate }
top_limitByHours = 分时限速
top_limitHint = 所有传输合计的限速
top_limitOther = 其他限速或分时段…

now_label = 正在上传的内容
# $time (String)
now_left = 剩余 { $time }
now_waiting = 等待中
now_waitingNetwork = 正在等待网络
now_waitingHours = 正在等待上传时段
now_waitingMetered = 正在等待不按流量计费的网络
now_waitingInterface = 正在等待指定的网络接口
now_uploading = 正在上传
now_finishing = 正在校验
# $done (Number)
# $files (Number)
now_files = { $done } / { $files } 个文件
# $sent (String)
# $all (String)
now_bytes = { $sent } / { $all }
# $files (Number)
now_filesPerSecond = { $files } 个文件/秒
# $names (String)
now_to = 到 { $names }
now_sparkline = 最近五分钟的速度
now_whatLimits = 速度受什么限制？
now_limitUnknown = 暂时无法判断速度受什么限制

batches_label = 任务及其文件
# $name (String)
# $what (String)
# $percent (Number)
batches_row = { $name }，{ $what }，已完成 { $percent }%
# $moment (String)
batches_unnamed = 添加于 { $moment }
# $roots (Number)
batches_more = 和另外 { $roots } 项
batches_adding = 正在读取文件夹…
# $files (Number)
batches_files = { $files } 个文件
# $files (Number)
batches_verified = { $files } 个已校验
batches_allVerified = 全部已校验
# $files (Number)
batches_leftOut = { $files } 个未上传
# $files (Number)
batches_paused = { $files } 个已暂停
# $files (Number)
batches_attention = { $files } 个需要处理
# $moment (String)
batches_finished = 完成于 { $moment }
# $time (String)
batches_left = 剩余 { $time }
batches_unfold = 同时显示已校验的文件
batches_open = 显示文件
batches_close = 隐藏文件

needs_label = 需要处理的事项
# $files (Number)
# $folder (String)
needs_conflict = { $files } 个文件在 { $folder } 中已存在
# $files (Number)
# $folders (Number)
needs_conflictInFolders = { $files } 个文件在 { $folders } 个文件夹中已存在
# $files (Number)
needs_changed = { $files } 个文件在添加后被更改
# $files (Number)
needs_failed = { $files } 个文件未能上传
# $files (Number)
needs_files = { $files } 个文件
needs_oneByOne = 逐个决定
needs_noFile = 没有文件需要决定
needs_held_enterKey = 填入新密钥
needs_held_tryAgain = 重试
needs_held_editProfile = 编辑配置
needs_all_overwrite = 全部替换
needs_all_rename = 保留两者
needs_all_skip = 全部跳过
needs_all_startOver = 上传最新内容
needs_all_waitUntilQuiet = 等写入结束
needs_all_retry = 全部重试
needs_all_remove = 全部移除

status_label = 状态
status_nothingToday = 今天尚无文件通过校验
# $files (Number)
# $size (String)
status_verifiedToday = 今天已校验 { $files } 个文件，{ $size }
# $time (String)
# $what (String)
status_lastError = 最近错误 { $time }：{ $what }
# $name (String)
# $why (String)
status_lastErrorHint = “{ $name }”：{ $why }
# $requests (Number)
status_requests = { $requests } 个连接
# $requests (Number)
status_requestsAutomatic = { $requests } 个连接（自动）
status_keyringSilent = 密钥环没有响应
