### 窗口以外：托盘、系统通知、粘贴的内容。

tray_show = 显示 Ferry
tray_pause = 全部暂停
tray_resume = 全部继续
tray_quit = 退出 Ferry
tray_idle = 没有正在上传的文件
tray_working = { $what }，{ $done } / { $files } 个文件
tray_left = 剩余 { $time }
tray_uploading = 正在上传
tray_waiting = 等待中
tray_verifying = 正在校验
tray_tooltip = Ferry：{ $what }
awake_reason = 正在上传文件
practice_bucket = 体验存储桶（本机）

## 系统通知

news_done_title =
    { $more ->
        [0] “{ $name }”已上传
       *[other] “{ $name }”和另外 { $more } 项已上传
    }
news_done =
    { $left_out ->
        [0] 已校验 { $files } 个文件，位于 { $profile }。
       *[other] 已校验 { $files } 个文件，位于 { $profile }；{ $left_out } 个未上传。
    }
news_needs_title =
    { $more ->
        [0] “{ $name }”需要处理
       *[other] “{ $name }”和另外 { $more } 项需要处理
    }
news_needs = { $files } 个文件需要您处理后才能继续。
news_held = “{ $profile }”已暂停使用。{ $why }

## 粘贴的图片

pasted_picture = 截图 { $moment }.png
pasted_picture_again = 截图 { $moment }（{ $copy }）.png
