### 尚未进入队列的拖放文件。

drops_surveying = 正在查看文件夹：目前有 { $files } 个文件…
drops_startNow = 立即开始
drops_stop = 停止
drops_title = 上传前请确认
drops_what =
    { $more ->
        [0] { $name }
       *[other] { $name }，另有 { $more } 项
    }
drops_to = 上传到 { $profile } › { $folder }
drops_toTop = 上传到 { $profile }
drops_files = { $files } 个文件，{ $bytes }
drops_filesLabel = 将上传
drops_largestLabel = 最大的文件
drops_existingLabel = 目标中已有
drops_existing =
    { $known ->
        [counting] 正在统计…
        [exactly]
            { $files ->
                [0] 无
               *[other] { $files } 个文件
            }
        [atLeast] 至少 { $files } 个文件
       *[unknown] 未知
    }
drops_timeLabel = 预计用时
drops_time = 按最近的速度约 { $duration }
drops_problem_unreadable = { $files } 个文件无法读取
drops_problem_badKey = { $files } 个文件的名称不符合存储的规则
drops_problem_sameKey = { $files } 个文件会与其他文件重名
drops_problem_sameButForCase = { $files } 个名称与其他名称仅大小写不同，Windows 和 macOS 会视为同名
drops_problem_sameButForForm = { $files } 个名称与其他名称看起来相同，但 Unicode 字符不同
drops_andMore = { $names }…
drops_cancel = 不上传
drops_start = 上传
drops_startWithout = 不含这 { $files } 个文件，上传其余
drops_listed = 选择“上传”时，无法上传的文件会列在“需要处理”中。
