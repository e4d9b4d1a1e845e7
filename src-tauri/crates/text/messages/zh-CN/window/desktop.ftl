### 窗口以外的行为，由页面说明。

closing_title = 仍有文件正在上传
closing_body =
    { $files ->
        [0] 无论如何选择，都不会丢失任何内容。
       *[other] 还有 { $files } 个文件没有上传完。无论如何选择，都不会丢失任何内容。
    }
closing_choice = 窗口关闭后
closing_background = 在托盘中继续上传
closing_backgroundHint = 点击托盘图标可重新打开窗口
closing_minimise = 最小化并继续上传
closing_minimiseHint = 此桌面不显示托盘图标，Ferry 会留在任务栏
closing_quit = 退出，以后继续
closing_quitHint = 下次启动时，从存储端最后确认的分片继续
closing_quitWhenDone = 上传完成后退出
closing_quitWhenDoneHint = 在后台继续，全部处理完后自动退出
closing_remember = 记住我的选择
closing_rememberHint = 可在设置中更改
closing_do = 关闭窗口
closing_stay = 保持打开

desktop_startup = 启动与后台
desktop_notifications = 通知
desktop_onClose = 上传时关闭窗口
desktop_ask = 每次询问
desktop_onCloseHint = 没有上传任务时，关闭窗口即退出
desktop_login = 登录时启动
desktop_loginHint = 启动后留在托盘；没有托盘时最小化
desktop_loginAbsent = 此系统不允许 Ferry 设置
desktop_tray = 托盘图标
desktop_trayHint = 显示上传进度，可暂停和继续
desktop_trayAbsent = 此桌面不显示托盘图标
desktop_awake = 上传时保持唤醒
desktop_awakeHint = 全部暂停或等待网络时除外
desktop_done = 任务上传完成时
desktop_doneHint = 仅在其他窗口处于前台时提醒
desktop_needs = 任务需要处理时
desktop_needsHint = 文件已存在、被更改或上传失败，或密钥被拒绝

paste_menu = 粘贴
paste_nothing = 剪贴板中没有文件或图片。
paste_nothingHint = 请先在文件管理器中复制文件，或截图，然后再粘贴。
openFolder = 打开所在文件夹

notices_quitsWhenDone = 全部处理完后，Ferry 将自动退出。
notices_stayOpen = 保持运行

updates_title = 更新
updates_look = 检查新版本
updates_lookHint = 启动时以及每天一次，到此 Ferry 的发布处检查。在你确认之前，不会下载或安装任何内容。
updates_now = 立即检查
updates_looking = 正在检查…
updates_newest = 已是最新版本。
updates_found = 有新版本：列表上方的提示说明了变更内容。
updates_available = Ferry { $version } 已发布。
updates_install = 安装…
updates_openPage = 打开下载页面
updates_later = 以后再说
updates_downloading = 正在下载…
updates_ready = Ferry { $version } 已下载，签名正确。
updates_readyHint = 将在 Ferry 退出时安装。之后上传会从最后一个已确认的分片继续。
updates_restart = 立即重启
