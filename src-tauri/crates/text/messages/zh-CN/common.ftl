### 拼接其他消息的部分，以及时间长度。

between_things = 、
between_sentences = { "" }

span_minutes = { $count } 分钟
span_hours = { $count } 小时
span_days = { $count } 天
span_two = { $large } { $small }
