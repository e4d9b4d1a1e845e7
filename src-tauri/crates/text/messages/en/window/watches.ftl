### Watched folders: the sidebar's section, and the form of a new one.

watches_title = Watched folders
watches_add = Watch a folder…
# $name (String)
watches_menu = Watched folder { $name }
watches_pause = Pause
watches_resume = Resume
watches_lookNow = Look now
watches_change = Change…
watches_remove = Remove…
# $name (String)
watches_removeTitle = Stop watching “{ $name }”?
watches_removeBody = What it queued is still uploaded. Files in the folder and objects on the store stay.
watches_removeConfirm = Stop watching
# $count (Number)
watches_troubled =
    { $count ->
        [one] 1 cannot go on
       *[other] { $count } cannot go on
    }
watches_paused = Paused
watches_looking = Looks through the folder
watches_upToDate = Up to date
# $count (Number)
# $time (String) as "10 s"
watches_quiet = { $count } new, waits until quiet { $time }
# $count (Number)
# $ending (String) as ".done"
watches_marked = { $count } new, waits for { $ending }
# $time (String) as "19:00"
watches_until = Waits until { $time }
# $count (Number)
# $time (String) as "19:00"
watches_newUntil = { $count } new, waits until { $time }
# $count (Number)
watches_refused =
    { $count ->
        [one] 1 file cannot be taken
       *[other] { $count } files cannot be taken
    }
watches_stopped = Does not run
watches_noDestination = Its destination was deleted
watches_last = Last:
watches_justNow = just now
# $count (Number)
watches_minutesAgo = { $count } min ago
# $count (Number)
watches_hoursAgo = { $count } h ago

watchForm_title = Watch a folder
watchForm_intro = New and changed files in it are uploaded while Ferry runs.
watchForm_changeTitle = Change a watched folder
watchForm_changeIntro = Its folder and its destination stay. What is queued goes as it was queued.
watchForm_folder = Folder
watchForm_choose = Choose…
watchForm_none = No folder chosen
watchForm_destination = Destination
watchForm_quiet = Quiet for
watchForm_seconds = seconds
watchForm_quietHint = A file goes once it has not changed for so long
watchForm_then = Once a file is verified
watchForm_keep = It stays in the folder
watchForm_move = It is moved to another folder
watchForm_delete = It is deleted
watchForm_moveTo = Move to
watchForm_moveToHint = On the same disk, outside of the watched folder
watchForm_deleteNote = Files are deleted from this computer for good, not moved to the trash: each one once its object is verified, unless it changed since.
watchForm_deleteAsk = Files in this folder are deleted for good once they are verified. Begin?
watchForm_deleteConfirm = Watch and delete
watchForm_back = Back
watchForm_include = Only these
watchForm_includeHint = Empty for all, or as *.raw, *.jpg
watchForm_exclude = Leave out
watchForm_excludeHint = As *.log, cache; files being written never go
watchForm_hours = Hours
watchForm_hoursHint = Empty for always, or as Mon-Fri 19:00-07:00
watchForm_marker = Marker file
watchForm_markerHint = As .done: a.raw goes once a.raw.done is there
watchForm_depth = Subfolders too
watchForm_depthHint = Folders that come later are watched as well
watchForm_growing = Begin while a file still grows
watchForm_growingHint = For recordings: parts go as they are written. The whole file is read again once it is complete
watchForm_begin = Watch folder

rules_watch__folder = Choose a folder that no other watch takes to the same place, moves or deletes.
rules_watch__unpicked = Choose a folder.
rules_watch__moveTo = Choose a folder on the same disk, outside of the watched one.
rules_watch__quiet = A whole number from 0 to 86400.
rules_watch__marker = An ending with its dot, as .done.
rules_watch__growing = A key with {"{hash8}"} is known once the file is complete.
rules_watch__hours = Hours as 19:00-07:00 or Mon-Fri 19:00-07:00.
