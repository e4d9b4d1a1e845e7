### Rows: states, what can be done, filters.

states_queued = Queued
states_uploading = Uploading
states_growing = Growing
states_verifying = Verifying
states_waiting = Waiting
states_retrying = Retrying
states_paused = Paused
states_failed = Failed
states_conflict = Already exists
states_sourceChanged = File changed
states_settling = Waits until quiet
states_cancelling = Cancelling
states_done = Done
states_skipped = Skipped
states_cancelled = Cancelled

stateHints_queued = Waits for its turn
stateHints_uploading = Bytes are on their way
stateHints_growing = All that is there of the file is sent. The rest goes as it is written
stateHints_verifying = All bytes are there; the store's answer is being compared
stateHints_waiting = Waits until the store can be reached, or its profile is put right
stateHints_retrying = A request failed and is tried again shortly
stateHints_paused = Stopped by you; nothing already stored is sent again
stateHints_failed = Stopped by a problem
stateHints_conflict = An object of this name is already there. Choose what to do
stateHints_sourceChanged = The file was changed after it was added. Choose what to do
stateHints_settling = Something still writes to the file. It is uploaded once nothing has changed it for 10 s
stateHints_cancelling = The upload is being taken back from the store
stateHints_done = Verified: what the store holds agrees with what was read here
stateHints_skipped = Left out: what is on the store stays as it was
stateHints_cancelled = Cancelled by you; nothing was left on the store

actions_pause = Pause
actions_resume = Resume
actions_retry = Retry
actions_cancel = Cancel
actions_remove = Remove
actions_overwrite = Replace
actions_skip = Skip
actions_rename = Keep both
actions_startOver = Upload latest
actions_waitUntilQuiet = Wait until quiet

actionHints_pause = Pause this upload
actionHints_resume = Go on from where it stopped
actionHints_retry = Try again
actionHints_cancel = Cancel and take the upload back
actionHints_remove = Remove from the list
actionHints_overwrite = Replace the object on the store
actionHints_skip = Do not upload this file; what is on the store stays as it is
actionHints_rename = Upload under another name
actionHints_startOver = Upload the file again as it is now
actionHints_waitUntilQuiet = Upload the file once nothing has changed it for 10 s

pending_overwrite = Will be replaced
pending_skip = Will be skipped
pending_cancel = Will be cancelled
pending_remove = Will be removed
pendingHint = Nothing was done yet. You can still undo it

move_top = Move to top
move_up = Move up
move_down = Move down
move_bottom = Move to bottom

undo_label = Can be undone
undo_undo = Undo
# $files (Number)
undo_files_overwrite =
    { $files ->
        [one] { $files } file will be replaced
       *[other] { $files } files will be replaced
    }
# $files (Number)
undo_files_skip =
    { $files ->
        [one] { $files } file will be skipped
       *[other] { $files } files will be skipped
    }
# $files (Number)
undo_files_cancel =
    { $files ->
        [one] { $files } upload will be cancelled
       *[other] { $files } uploads will be cancelled
    }
# $files (Number)
undo_files_remove =
    { $files ->
        [one] { $files } file will be removed from the list
       *[other] { $files } files will be removed from the list
    }
# $name (String)
undo_one_overwrite = “{ $name }” will be replaced
# $name (String)
undo_one_skip = “{ $name }” will be skipped
# $name (String)
undo_one_cancel = The upload of “{ $name }” will be cancelled
# $name (String)
undo_one_remove = “{ $name }” will be removed from the list

filters_all = All
filters_active = Active
filters_paused = Paused
filters_attention = Needs attention
filters_conflict = Already exists
filters_changed = File changed
filters_failed = Failed
filters_unverified = Not verified
filters_ended = Finished
