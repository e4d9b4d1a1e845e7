### 连接、限速、代理、窗口设置，以及自定义选项添加文件。

setup_title = 设置
setup_language = 语言
setup_theme = 外观
setup_system = 跟随系统
setup_light = 浅色
setup_dark = 深色
setup_parallel = 并行请求数
setup_parallelAutomatic = 自动
setup_parallelHint = 留空以自动选最快，或填 1 到 { $most }
setup_limitHint = 所有传输合计
setup_exclude = 文件夹中忽略
setup_excludeHint = 文件名或含 * ? 的模式，用逗号分隔

connection_connectSeconds = 连接超时
connection_idleSeconds = 空闲超时
connection_seconds = 秒
connection_connections = 最大连接数
connection_connectionsHint = 留空则按设置中的并行数
connection_limitHint = 此配置的所有传输合计
connection_linkDomain = 链接域名
connection_linkDomainHint = 例如 https://img.example.com，留空则使用存储桶自身的地址
connection_understood = 识别为：{ $value }

limit_label = 限速
limit_otherwise = 其他时段限速
# Same as in English.
limit_unit = MiB/s
limit_none = 不限速
limit_hours = 单独限速的时段
limit_from = 开始
limit_to = 结束
limit_rate = 限速（MiB/s）
limit_add = 添加时段
limit_remove = 删除此时段
limit_hoursHint = 按本机时间，可跨越午夜

network_proxy = 代理
network_asSettings = 跟随设置
network_asSystem = 跟随系统
network_direct = 不使用代理
network_manual = 手动
network_server = 服务器
network_serverHint = 可用 http、https、socks5、socks5h
network_user = 用户名
network_password = 密码
network_passwordHint = 存入系统密钥环，留空则沿用已存的密码
network_passwordNote = 配置已保存，但代理密码没有。
network_directHosts = 直连地址
network_directHostsHint = 域名、IP 地址或网段，用逗号分隔
network_caFile = CA 证书文件
network_caFileHint = PEM 文件的完整路径，与系统自带的证书一同受信任，例如公司代理的证书

batch_menu = 自定义选项添加…
batch_title = 自定义选项添加
batch_intro = 仅对现在添加的文件生效，代替“{ $profile }”中的设置。
batch_inForce = 当前生效：
batch_wish = { $label }：{ $value }
batch_none = 请先更正标出的内容，在此之前不会接收文件。
batch_dropNote = 选择文件，或直接将文件拖到此窗口。
batch_added = 已按这些选项添加 { $count } 个文件。
batch_chooseFiles = 选择文件…
batch_chooseFolder = 选择文件夹…
batch_done = 完成
batch_dropHint = 按打开的表单中的选项
batch_dropRefused = 请先更正选项
