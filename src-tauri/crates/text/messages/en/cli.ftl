### The command line.

# $error (String) the system's words
output_not_written = The output could not be written: { $error }

## Progress on a terminal

# $ended (Number)
# $files (String) as 340, or 340+ while more are found
block_files = { $ended } / { $files } files
# $time (String)
block_time_left = { $time } left
# $count (Number)
block_retries =
    { $count ->
        [one] { $count } retry
       *[other] { $count } retries
    }
# $count (Number)
block_requests =
    { $count ->
        [one] { $count } request side by side
       *[other] { $count } requests side by side
    }
# $count (Number)
block_running =
    { $count ->
        [one] { $count } file running
       *[other] { $count } files running
    }
# $what (String) as "your network"
block_limited_by = limited by { $what }
# $endpoint (String)
block_waits_for = waits for { $endpoint }
# $time (String) as 19:00
block_no_limit_until = no limit until { $time }
# $speed (String) as 2.00 MiB/s
# $time (String) as 19:00
block_limit_until = at most { $speed } until { $time }
block_growing = growing
block_verifying = verifying
block_retrying = retrying
block_waiting = waiting
block_cancelling = cancelling

## Uploading

wait_forever = Waiting until it works again. Ctrl-C ends; the same command goes on.
# $limit (String) as 10m
wait_at_most = Waiting for it, { $limit } at most (--wait). Ctrl-C ends; the same command goes on.
# $limit (String) as 10m, or forever
wait_taken_back = Waiting for it (--wait { $limit }). What is piped cannot go on later: Ctrl-C ends, and takes back what was sent.
# $count (Number)
put_want_key = { $count } not done for want of a key: run the same command again with a new one, and they go on where they were.
# $count (Number)
put_more_remarks = Likewise for { $count } more: ferry queue --state done shows them.
# $address (String) as 127.0.0.1:9633
metrics_served = Metrics at http://{ $address }/metrics
# $address (String) as 0.0.0.0:9633
metrics_public = Warning: other computers can reach { $address }, and there is no password. The metrics tell names of profiles and how much is sent.
# $what (String) the program or the host
# $why (String) a sentence
hook_failed = The hook { $what } failed: { $why } The uploads are not affected.
# $count (Number)
hooks_left_out = { $count } calls of hooks were left out: too many waited.
put_taken_back = What was piped is not there: nothing of it is left open on the store. It cannot go on; run the whole pipe again.
# $key (String)
# $id (String) of an upload
put_left_open = The store did not say that the upload of { $key } is aborted. It may be open and cost money: upload id { $id }. The next start of Ferry aborts it.
# $key (String)
put_perhaps_left_open = The store did not say what became of { $key }: an upload of it may be open, or its object there. The next start of Ferry asks.
# $verified (Number)
# $files (Number)
# $bytes (String) of all files, as 1.20 GiB
# $skipped (Number)
# $open (Number) failed or not done
# $sent (String) what run_sent says
run_summary = { $verified } of { $files } files verified ({ $bytes }), { $skipped } skipped, { $open } not done; { $sent }
# $bytes (String)
# $seconds (String) as 2.5
# $speed (String) as 18.0 MiB/s
run_sent = { $bytes } sent in { $seconds } s ({ $speed })

## Uploads that were left on a store

# $ownership (String) a sentence
recover_resumed = { $ownership } Resumed.
# $ownership (String) a sentence
recover_aborted = { $ownership } Aborted.
# $ownership (String) a sentence
recover_left = { $ownership } Left alone.
# $time (String)
# $age (String) as "3 h"
recover_begun = { $time }, { $age } ago
recover_none = No unfinished upload is there.
# $all (Number)
# $ours (Number)
# $aborted (Number)
recover_listed = { $all } unfinished. --resume would go on with { $ours }, --abort would abort { $aborted }; others only with --abort --upload ID.
# $all (Number)
# $ours (Number)
recover_would_resume = { $all } unfinished, { $ours } of them ours to go on with.
# $all (Number)
# $ours (Number)
recover_would_abort = { $all } were unfinished, { $ours } of them ours.

## Links

link_none = No verified transfer to link to.
# $count (Number)
link_left_out = { $count } left out: not uploaded and verified.
# $count (Number) links
# $time (String)
link_ends =
    { $count ->
        [1] The link ends { $time }.
       *[other] The links end { $time }, the first of them.
    }

## Profiles

# $name (String)
# $seconds (String) as -2
profile_works = “{ $name }” works: an upload was begun and taken back. Clock offset: { $seconds } s.
# $name (String)
profile_without_keys = “{ $name }” was added without its keys: set them in the environment for each run.

## Taking over what other tools have

# $files (String)
import_nothing = Nothing to take over in { $files }
# Stands where a key would.
import_by_command = (a command)
# $time (String)
import_token_ends = token ends { $time }
# $name (String) the profile's
# $program (String)
import_ask_command = Add “{ $name }”, for whose keys { $program } is run each time? [y/N]
# $name (String) the profile's
import_ask_keyring = Keep this key in the system's keyring, for “{ $name }”? [y/N]

## Benchmarks

# $bytes (String)
# $place (String) as oss://bucket/prefix
# $large (Number) large files
# $large_size (String)
# $small (Number) small files
# $small_size (String)
# $requests (Number)
bench_sending = Sending up to { $bytes } to { $place }: { $large } × { $large_size }, then { $small } × { $small_size }. That is about { $requests } requests, which cost as any others do. Everything is deleted again.
bench_deleting = Deleting what was made.
# $objects (Number)
# $uploads (Number)
bench_deleted = Deleted { $objects } objects and aborted { $uploads } uploads: nothing is left.
# $count (Number)
# $place (String)
# $some (String) a few of them
bench_left = { $count } objects or uploads may be left and cost storage: delete all below { $place } (as { $some }).
# $speed (String) as 18.0 MiB/s
# $objects (Number)
# $bytes (String)
# $seconds (String)
bench_large = Large files: { $speed } ({ $objects } objects, { $bytes } in { $seconds } s)
# $each (String) objects a second
# $objects (Number)
# $bytes (String)
# $seconds (String)
bench_small = Small files: { $each } objects/s ({ $objects } objects, { $bytes } in { $seconds } s)
# $requests (String) their percentiles
# $answers (String) their percentiles
# $count (Number) requests
# $retries (Number)
bench_times = requests { $requests }; answers { $answers } ({ $count } requests, { $retries } tried again)
# $p50 (String)
# $p95 (String)
# $p99 (String)
bench_percentiles = p50 { $p50 } ms, p95 { $p95 } ms, p99 { $p99 } ms
# $parallel (Number)
# $why (String)
# $what (String) limits
bench_parallel = { $parallel } requests side by side: { $why }; limited by { $what }
bench_no_limit = nothing that shows
# $advice (String) a sentence
bench_advice_large = Large files: { $advice }
# $advice (String) a sentence
bench_advice_small = Small files: { $advice }

## ferry watch

# $id (String)
# $folder (String)
# $destination (String)
watch_added = Watch { $id }: { $folder } -> { $destination }. `ferry watch run` runs it; so does the window.
# $folder (String)
# $destination (String)
watch_begun = Watching { $folder } -> { $destination }
# $watch (String) its number or its folder
watch_removed = { $watch } is watched no more. What was uploaded stays.
# $watch (String) its number or its folder
watch_is_changed = The watch { $watch } is changed.
# $watch (String)
watch_is_paused = The watch { $watch } is paused.
# $watch (String) its number or its folder
watch_is_resumed = The watch { $watch } takes files again.
watch_paused = paused
# $files (Number)
# $bytes (String) as 3.2 GiB
# $failures (Number)
watch_day =
    { $files ->
        [one] 1 file
       *[other] { $files } files
    }, { $bytes }{ $failures ->
        [0] {""}
        [one] , 1 needs you
       *[other] , { $failures } need you
    }
# $files (Number)
watch_known =
    { $files ->
        [one] 1 file
       *[other] { $files } files
    }
# $files (Number)
# $bytes (String)
# $destination (String)
watch_would_take =
    { $files ->
        [one] 1 file ({ $bytes }) would be uploaded to { $destination } now.
       *[other] { $files } files ({ $bytes }) would be uploaded to { $destination } now.
    }
# $names (String) patterns
watch_never_takes = Never taken: { $names }
watch_would_keep = They would stay here.
# $folder (String)
watch_would_move = Each would then be moved to { $folder }, unless it changed since.
watch_would_delete = Each would then be deleted here, unless it changed since.
