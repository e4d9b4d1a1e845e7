### The queue: whose the uploads on a store are, and what became of a damaged list.

ownership_ours = Ours: every part agrees.
ownership_superseded = Ours, but the file goes on under another upload.
ownership_queued = A transfer of this queue has it.
ownership_no_file = Not ours: no file given has this key.
ownership_no_parts = It has no part, so nothing tells whose it is.
ownership_other_cut = Not ours: its parts do not fit the file.
# $number (Number)
ownership_part_differs = Not ours, or the file changed: part { $number } has other bytes.
# $number (Number)
ownership_unproven = Not proven: the store tells no checksum of part { $number }.

## What of the queue on disk cannot be read

# $count (Number)
queue_unreadable = { $count } in the list of uploads cannot be read, and will not be uploaded. Add their files again.
# $uploads (Number)
# $profiles (Number)
queue_damaged = The list of uploads was damaged. { $uploads } uploads and { $profiles } profiles were kept.
# $count (Number)
queue_lost = { $count } are lost: add their files again.
queue_lost_unknown = How many are lost is unknown: check that your files are in it.
# $count (Number)
queue_paused = { $count } are paused: look at them before you resume them.
# $file (String)
queue_damaged_kept = The damaged file was kept as { $file }; your files are untouched.
# $file (String)
queue_missing = The list of uploads that was at { $file } is gone. A new one was begun; your files are untouched.
queue_older = The list of uploads is older than what Ferry wrote last: its latest changes are lost. Check that your files are in it.
