### What other messages of this language refer to. Each language has parts of its own; no function
### is made of them. $subject is what a fault is about, or 0 where it names nothing.

The_bucket =
    { $subject ->
        [0] The bucket
       *[other] The bucket “{ $subject }”
    }
the_bucket =
    { $subject ->
        [0] the bucket
       *[other] the bucket “{ $subject }”
    }
The_object =
    { $subject ->
        [0] The object
       *[other] “{ $subject }”
    }
the_object =
    { $subject ->
        [0] the object
       *[other] “{ $subject }”
    }
The_file =
    { $subject ->
        [0] The file
       *[other] “{ $subject }”
    }
the_file =
    { $subject ->
        [0] the file
       *[other] “{ $subject }”
    }
The_folder =
    { $subject ->
        [0] The folder
       *[other] “{ $subject }”
    }
The_profile =
    { $subject ->
        [0] The profile
       *[other] “{ $subject }”
    }
the_profile =
    { $subject ->
        [0] the profile
       *[other] “{ $subject }”
    }
The_endpoint =
    { $subject ->
        [0] The endpoint
       *[other] “{ $subject }”
    }
the_endpoint =
    { $subject ->
        [0] the endpoint
       *[other] “{ $subject }”
    }
# As in "The proxy “proxy.example.com” cannot be reached."
of_proxy =
    { $subject ->
        [0] of this network
       *[other] “{ $subject }”
    }
The_command =
    { $subject ->
        [0] The credential command
       *[other] “{ $subject }”
    }
The_input =
    { $subject ->
        [0] This
       *[other] “{ $subject }”
    }
