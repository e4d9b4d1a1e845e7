### What is being uploaded: the sidebar, the line above the list, the headline, batches, what needs the user.

sidebar_label = Destinations and views
sidebar_destinations = Destinations
sidebar_connect = Connect a bucket
sidebar_views = Views
# Beside a destination whose key is refused.
sidebar_held = key
# Beside a destination that is held for another reason.
sidebar_paused = paused
sidebar_offline = offline
# $time (String)
sidebar_offlineFor = offline, { $time }

views_names_now = Now
views_names_needs = Needs you
views_names_done = Done
views_names_history = History
views_nothing_now = Nothing is being uploaded
views_nothing_needs = Nothing needs you
views_nothing_done = Nothing has ended yet
views_nothing_history = No transfer matches

top_destination = Files go to
top_practice = Practice, on this computer
top_folder = Folder in the bucket
top_whole = The whole bucket
top_go = Go
top_change = Change the folder
top_foldersUnknown = The folders here cannot be listed; type a name
top_foldersMore = There are more folders than listed; type a name
top_add = Add
top_noLimit = No limit
# $rate (String)
top_limit = Limit { $rate }
top_limitByHours = Limit by hours
top_limitHint = Speed limit of all transfers together
top_limitOther = Another limit, or by hours…

now_label = What is being uploaded
# $time (String)
now_left = { $time } left
now_waiting = Waiting
now_waitingNetwork = Waiting for the network
now_waitingHours = Waiting for the hours of uploads
now_waitingMetered = Waiting for an unmetered connection
now_waitingInterface = Waiting for the network interface
now_uploading = Uploading
now_finishing = Verifying
# $done (Number)
# $files (Number)
now_files =
    { $files ->
        [one] { $done } of { $files } file
       *[other] { $done } of { $files } files
    }
# $sent (String)
# $all (String)
now_bytes = { $sent } of { $all }
# $files (Number)
now_filesPerSecond = { $files } files/s
# $names (String)
now_to = to { $names }
now_sparkline = Speed of the last five minutes
now_whatLimits = What limits the speed?
now_limitUnknown = Nothing can be said yet of what limits the speed

batches_label = Batches and their files
# $name (String)
# $what (String)
# $percent (Number)
batches_row = { $name }, { $what }, { $percent }%
# $moment (String)
batches_unnamed = Added { $moment }
# $roots (Number)
batches_more = and { $roots } more
batches_adding = reading folders…
# $files (Number)
batches_files =
    { $files ->
        [one] { $files } file
       *[other] { $files } files
    }
# $files (Number)
batches_verified = { $files } verified
batches_allVerified = all verified
# $files (Number)
batches_leftOut = { $files } left out
# $files (Number)
batches_paused = { $files } paused
# $files (Number)
batches_attention =
    { $files ->
        [one] 1 needs you
       *[other] { $files } need you
    }
# $moment (String)
batches_finished = Finished { $moment }
# $time (String)
batches_left = { $time } left
batches_unfold = Show the verified files too
batches_open = Show files
batches_close = Hide files

needs_label = What needs you
# $files (Number)
# $folder (String)
needs_conflict =
    { $files ->
        [one] { $files } file already exists in { $folder }
       *[other] { $files } files already exist in { $folder }
    }
# $files (Number)
# $folders (Number)
needs_conflictInFolders = { $files } files already exist in { $folders } folders
# $files (Number)
needs_changed =
    { $files ->
        [one] { $files } file changed after it was added
       *[other] { $files } files changed after they were added
    }
# $files (Number)
needs_failed =
    { $files ->
        [one] { $files } file could not be uploaded
       *[other] { $files } files could not be uploaded
    }
# $files (Number)
needs_files =
    { $files ->
        [one] { $files } file
       *[other] { $files } files
    }
needs_oneByOne = Decide one by one
# Where a key or a bucket needs the user, and no file does.
needs_noFile = No file needs a decision
needs_held_enterKey = Enter a new key
needs_held_tryAgain = Try again
needs_held_editProfile = Edit profile
needs_all_overwrite = Replace all
needs_all_rename = Keep both
needs_all_skip = Skip all
needs_all_startOver = Upload latest
needs_all_waitUntilQuiet = Wait until quiet
needs_all_retry = Retry all
needs_all_remove = Remove all

status_label = Status
status_nothingToday = Nothing verified yet today
# $files (Number)
# $size (String)
status_verifiedToday =
    { $files ->
        [one] { $files } file verified today, { $size }
       *[other] { $files } files verified today, { $size }
    }
# $time (String)
# $what (String)
status_lastError = Last error { $time }: { $what }
# $name (String)
# $why (String)
status_lastErrorHint = “{ $name }”: { $why }
# $requests (Number)
status_requests =
    { $requests ->
        [one] { $requests } connection
       *[other] { $requests } connections
    }
# $requests (Number)
status_requestsAutomatic =
    { $requests ->
        [one] { $requests } connection (automatic)
       *[other] { $requests } connections (automatic)
    }
status_keyringSilent = Keyring does not answer
