### 进度中显示的时间长度。

time_seconds = { $count } 秒
time_minutes = { $count } 分
time_hours = { $count } 小时
time_days = { $count } 天
time_two = { $large } { $small }
