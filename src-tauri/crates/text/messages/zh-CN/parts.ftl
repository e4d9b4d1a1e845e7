### 供本语言其他消息引用的部分。$subject 是故障所涉及的名称；未知时为 0。

the_bucket =
    { $subject ->
        [0] 该 Bucket
       *[other] Bucket “{ $subject }”
    }
the_object =
    { $subject ->
        [0] 该对象
       *[other] “{ $subject }”
    }
the_file =
    { $subject ->
        [0] 该文件
       *[other] “{ $subject }”
    }
the_folder =
    { $subject ->
        [0] 该文件夹
       *[other] “{ $subject }”
    }
the_profile =
    { $subject ->
        [0] 该配置
       *[other] “{ $subject }”
    }
the_endpoint =
    { $subject ->
        [0] 该 Endpoint
       *[other] “{ $subject }”
    }
of_proxy =
    { $subject ->
        [0] 服务器
       *[other] “{ $subject }”
    }
the_command =
    { $subject ->
        [0] 凭证命令
       *[other] “{ $subject }”
    }
the_input =
    { $subject ->
        [0] 该内容
       *[other] “{ $subject }”
    }
