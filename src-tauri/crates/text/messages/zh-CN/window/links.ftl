### 对象链接。

links_copy = 复制链接
links_copyMany = 复制链接
links_copySome = 复制链接：已选 { $all } 项中有 { $fitting } 项已上传
links_menu = 链接
links_copyAll = 复制全部 { $count } 个上传的链接
links_options = 链接选项…
links_title = 复制链接
links_kind = 链接类型
links_kindPublic = 公开地址
links_kindSigned = 签名链接（限时）
links_publicHint = 对象允许公共读时可以访问
links_signedHint = 到期之前，持有链接即可访问
links_duration = 有效期
links_durations_hour = 1 小时
links_durations_day = 1 天
links_durations_week = 7 天
links_durations_own = 其他时长…
links_hours = 小时数
links_hoursHint = 最多 168 小时（7 天）
links_hoursWrong = 须大于 0 且不超过 168 小时。
links_format = 格式
links_formats_url = 网址
# Same as in English.
links_formats_markdown = Markdown
# Same as in English.
links_formats_html = HTML
links_formats_pattern = 自定义格式
links_pattern = 自定义格式
links_patternHint = 可用 {"{url}"}、{"{name}"}、{"{key}"}、{"{bucket}"}、{"{size}"}
links_patternWrong = 请填写格式，例如 {"{name}"}: {"{url}"}。
links_preview = 预览
links_previewWait = 正在生成…
links_remembered = 之后“复制链接”都会使用这些选择。
links_copied = 已复制 { $count } 个链接
links_until = 有效至 { $moment }
links_public = 对象公开时可访问
links_leftOut = { $count } 项尚未上传，未包含在内
links_nothing = 未复制：所选内容都还没有上传。
links_failed = 无法写入剪贴板。
