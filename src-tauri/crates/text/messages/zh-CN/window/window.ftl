### 窗口框架：工具栏、列表、详情、提问、提示。

addFiles = 添加文件…
addFolder = 添加文件夹…
pauseAll = 全部暂停
resumeAll = 全部继续
settings = 设置
close = 关闭
dismiss = 关闭提示
cancel = 取消
loading = 正在打开…

profile_none = 没有配置
profile_practiceName = 体验存储桶（本机）
profile_menu = 配置
profile_create = 新建配置…
profile_edit = 编辑…
profile_duplicate = 复制一份
profile_remove = 删除…
profile_removeTitle = 删除“{ $name }”？
profile_removeBody = 它的 AccessKey 会从系统密钥环中删除。存储端的对象不受影响；发往它的未完成上传将无法继续。
profile_removeConfirm = 删除配置
profile_secretMissing = 缺少 AccessKey
profile_secretThisRun = AccessKey 仅保留到 Ferry 退出
profile_secretUnknown = 密钥环没有响应
profile_secretEnvironment = AccessKey 来自环境变量
profile_secretCommand = AccessKey 由命令提供

totals_limitedBy = 受限于{ $what }

list_label = 传输列表
list_filter = 显示
list_search = 搜索名称
list_clearSearch = 清除搜索
list_progress = 进度
columns_name = 名称
columns_size = 大小
columns_state = 状态
columns_time = 时间
columns_sort = 按{ $column }排序
# $column (String)
columns_resize = “{ $column }”列宽
list_details = 详情
list_menu = 操作
list_row = { $name }，{ $state }，{ $size } 的 { $percent }%
list_retries = 已重试 { $count } 次
list_hidden = 不可见字符 { $code }
list_noMatchSearch = 这里没有名称含“{ $text }”的文件。
list_noMatchFilter = “{ $filter }”下暂时没有内容。
list_there = 存储端 { $size }，{ $moment }
list_thereSize = 存储端 { $size }
list_here = 本机 { $size }，{ $moment }
list_hereSize = 本机 { $size }
list_alreadyThere = 存储端已有
list_alreadyThereHint = 存储端已有内容完全相同的对象：没有发送任何数据
list_replaced = 已由该文件的新版本取代
list_replacedHint = 该文件的新版本已加入队列，取代了此项
list_showAll = 显示全部

history_destination = 目标
history_everywhere = 所有目标
history_date = 日期
history_periods_always = 不限时间
history_periods_today = 今天
history_periods_week = 最近 7 天
history_periods_month = 最近 30 天
history_periods_days = 选择日期
history_from = 第一天
history_to = 最后一天
# $days (Number)
history_keptFor = 保留 { $days } 天
history_keptForever = 一直保留，直到清除
history_change = 设置 › 数据
history_clear = 清除已结束项
history_clearHint = 将此处显示的已结束传输从列表中移除。文件和对象保留。

selection_label = 已选的传输
selection_count =
    { $count ->
        [0] 未选择
       *[other] 已选 { $count } 项
    }
selection_clear = 取消选择
selection_some = { $action }：已选 { $all } 项中的 { $fitting } 项
selection_decide = 选择处理方式

empty_title = 将文件或文件夹拖到这里
empty_goesTo = 它们会上传到 { $destination }
empty_practice = 这是体验存储桶：文件会存到本机的一个文件夹里，不会离开这台电脑。
empty_where = 文件要传到哪里？
empty_connect = 连接存储桶
empty_connectNote = 阿里云 OSS，或任何兼容 S3 的存储
empty_paste = 粘贴存储桶 URL、控制台地址或密钥文件内容
empty_next = 继续
empty_tryHere = 在本机试用
empty_usePractice = 使用体验存储桶
empty_keys = 密钥保存在系统密钥环中，不会写入文件。
empty_verified = 每次上传都会校验。您可以随时暂停、退出，之后再继续。
dragOver = 松开即可将 { $count } 项上传到 { $destination }
dragOverPractice = 体验存储桶：文件不会离开这台电脑。
dragOverNoProfile = 请先选择配置
dragOverDialog = 请先关闭打开的对话框
dragOverDialogHint = 对话框打开时不会添加文件。

notices_label = 提示
notices_offline = { $endpoint } 没有响应。
notices_waiting = { $files } 个文件正在等待。
notices_nextTry = { $time }后再试。
notices_tryingNow = 正在重试…
notices_tryNow = 立即重试
notices_goesOn = { $time } 后继续
notices_uploadNow = 立即上传
notices_standby_hours = 现在不在上传时段内。
notices_standby_metered = 当前网络按流量计费。
notices_standby_interface = 当前网络经由的网络接口与设置不符。
notices_held = “{ $name }”已暂停使用。
notices_heldKey = 已暂停使用：“{ $name }”拒绝了密钥。
notices_tryAgain = 重试
notices_editProfile = 编辑配置
notices_adding = 正在读取文件夹：已找到 { $files } 个文件…
notices_copy = 复制详情

announce_done = { $count } 个文件已上传并通过校验。
announce_attention = { $count } 个文件需要处理。
announce_finished = 所有传输已结束。
useThisEndpoint = 使用此地址

moreNotices_clockOff =
    { $direction ->
        [behind] 本机时钟比存储端慢 { $time }。
       *[ahead] 本机时钟比存储端快 { $time }。
    }
moreNotices_clockHint = Ferry 暂以存储端时间签名。请将系统日期时间设为自动。
moreNotices_tokenEnds = “{ $name }”的令牌将于 { $moment } 到期，早于上传预计完成的时间。
moreNotices_tokenEnded = “{ $name }”的令牌已于 { $moment } 到期。
moreNotices_tokenHint = 及时填入新的令牌，上传就无需等待。
moreNotices_newKey = 填入新密钥

languageName = 简体中文

problem_noCore = 窗口无法与 Ferry 的核心通信。
problem_noCoreHint = 请关闭并重新启动 Ferry，列表会保留。

shortcuts_title = 快捷键
shortcuts_zoom = 缩放
shortcuts_go = 上下移动
shortcuts_turn = 收起或展开任务
shortcuts_select = 选择
shortcuts_selectAll = 全选
