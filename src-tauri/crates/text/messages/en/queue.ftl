### The queue: whose the uploads on a store are.

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
