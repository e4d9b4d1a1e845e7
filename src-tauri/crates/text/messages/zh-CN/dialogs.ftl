### 原生对话框及页面以外的消息。

pick_files = 选择要上传的文件
pick_folders = 选择要上传的文件夹
pick_watch_folder = 选择要监视的文件夹
pick_archive_folder = 选择存放已上传文件的文件夹
save_receipt_as = 保存回执
save_diagnostics_as = 导出诊断信息
dialog_close = 关闭
window_not_opened = Ferry 无法打开窗口：{ $error }
