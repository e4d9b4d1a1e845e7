### The window's frame: bars, list, details, questions, notices.

addFiles = Add files…
addFolder = Add folder…
pauseAll = Pause all
resumeAll = Resume all
settings = Settings
close = Close
dismiss = Dismiss
cancel = Cancel
loading = Opening…

profile_none = No profile
profile_practiceName = Practice bucket (this computer)
profile_menu = Profiles
profile_create = New profile…
profile_edit = Edit…
profile_duplicate = Duplicate
profile_remove = Delete…
# $name (String)
profile_removeTitle = Delete “{ $name }”?
profile_removeBody = Its AccessKey is removed from the keyring. Objects on the store stay. Unfinished uploads to it cannot go on.
profile_removeConfirm = Delete profile
profile_secretMissing = AccessKey missing
profile_secretThisRun = AccessKey kept until Ferry ends
profile_secretUnknown = Keyring does not answer
profile_secretEnvironment = AccessKey from the environment
profile_secretCommand = AccessKey from a command

# $what (String)
totals_limitedBy = Limited by { $what }

list_label = Transfers
list_filter = Show
list_search = Search names
list_clearSearch = Clear search
list_progress = Progress
columns_name = Name
columns_size = Size
columns_state = State
columns_time = Time
# $column (String)
columns_sort = Sort by { $column }
# $column (String)
columns_resize = Width of { $column }
list_details = Details
list_menu = Actions
# $name (String)
# $state (String)
# $percent (Number)
# $size (String)
list_row = { $name }, { $state }, { $percent }% of { $size }
# $count (Number)
list_retries =
    { $count ->
        [one] { $count } retry
       *[other] { $count } retries
    }
# $code (String)
list_hidden = Invisible character { $code }
# $text (String)
list_noMatchSearch = Nothing is called “{ $text }” here.
# $filter (String)
list_noMatchFilter = Nothing under “{ $filter }” right now.
# $size (String)
# $moment (String)
list_there = there { $size }, { $moment }
# $size (String)
list_thereSize = there { $size }
# $size (String)
# $moment (String)
list_here = here { $size }, { $moment }
# $size (String)
list_hereSize = here { $size }
list_alreadyThere = was there already
list_alreadyThereHint = An object with this very content was there already: nothing was sent
list_replaced = Replaced by a newer version of the file
list_replacedHint = A newer version of this file was queued in its place
list_showAll = Show all

history_destination = Destination
history_everywhere = All destinations
history_date = Date
history_periods_always = Any time
history_periods_today = Today
history_periods_week = Last 7 days
history_periods_month = Last 30 days
history_periods_days = Choose days
history_from = First day
history_to = Last day
# $days (Number)
history_keptFor =
    { $days ->
        [one] Kept for { $days } day
       *[other] Kept for { $days } days
    }
history_keptForever = Kept until you clear it
history_change = Settings › Data
history_clear = Clear finished
history_clearHint = Takes the finished transfers shown here off the list. Files and objects stay.

selection_label = Selected transfers
# $count (Number)
selection_count =
    { $count ->
        [0] Nothing selected
       *[other] { $count } selected
    }
selection_clear = Clear selection
# $action (String)
# $fitting (Number)
# $all (Number)
selection_some = { $action }: { $fitting } of { $all } selected
selection_decide = Decide

empty_title = Drop files or folders here
# $destination (String)
empty_goesTo = They are uploaded to { $destination }
empty_practice = This is the practice bucket: files go to a folder on this computer. Nothing leaves this computer.
empty_where = Where should your files go?
empty_connect = Connect a bucket
empty_connectNote = Alibaba Cloud OSS, or any S3-compatible store
empty_paste = Paste a bucket URL, a console address, or a key file
empty_next = Continue
empty_tryHere = Try it here
empty_usePractice = Use the practice bucket
empty_keys = Keys are kept in your system's keyring, never in a file.
empty_verified = Each upload is verified. You can pause, quit and come back at any time.
# $count (Number)
# $destination (String)
dragOver =
    { $count ->
        [one] Drop { $count } item to upload to { $destination }
       *[other] Drop { $count } items to upload to { $destination }
    }
dragOverPractice = Practice bucket: nothing leaves this computer.
dragOverNoProfile = Choose a profile first
dragOverDialog = Close what is open first
dragOverDialogHint = No files are added while a dialog is open.

notices_label = Notices
# $endpoint (String)
notices_offline = { $endpoint } does not answer.
# $files (Number)
notices_waiting =
    { $files ->
        [one] { $files } file waits.
       *[other] { $files } files wait.
    }
# $time (String)
notices_nextTry = Next try in { $time }.
notices_tryingNow = Trying now…
notices_tryNow = Try now
# $time (String) as 3 h 20 min
notices_goesOn = Goes on in { $time }
notices_uploadNow = Upload now
notices_standby_hours = Outside of the hours of uploads.
notices_standby_metered = This connection is metered.
notices_standby_interface = The connection goes through another network interface than the settings say.
# $name (String)
notices_held = “{ $name }” is paused.
# $name (String)
notices_heldKey = Paused: key rejected by “{ $name }”.
notices_tryAgain = Try again
notices_editProfile = Edit profile
# $files (Number)
notices_adding =
    { $files ->
        [one] Reading folders: { $files } file found so far…
       *[other] Reading folders: { $files } files found so far…
    }
notices_copy = Copy details

# $count (Number)
announce_done =
    { $count ->
        [one] { $count } file uploaded and verified.
       *[other] { $count } files uploaded and verified.
    }
# $count (Number)
announce_attention =
    { $count ->
        [one] { $count } file needs attention.
       *[other] { $count } files need attention.
    }
announce_finished = All transfers have ended.
useThisEndpoint = Use this endpoint

# $time (String)
# $direction ("behind" | "ahead")
moreNotices_clockOff =
    { $direction ->
        [behind] This computer's clock is { $time } behind the store's.
       *[ahead] This computer's clock is { $time } ahead of the store's.
    }
moreNotices_clockHint = Ferry signs with the store's time meanwhile. Set the system's date and time to automatic.
# $name (String)
# $moment (String)
moreNotices_tokenEnds = The token of “{ $name }” ends { $moment }, before its uploads are expected to.
# $name (String)
# $moment (String)
moreNotices_tokenEnded = The token of “{ $name }” ended { $moment }.
moreNotices_tokenHint = Enter a new one in time, and nothing has to wait.
moreNotices_newKey = Enter a new key

# The language's own name.
languageName = English

problem_noCore = The window could not reach Ferry's core.
problem_noCoreHint = Close Ferry and start it again; the list is kept.

shortcuts_title = Shortcuts
shortcuts_zoom = Zoom
shortcuts_go = Up and down
shortcuts_turn = Close and open a batch
shortcuts_select = Select
shortcuts_selectAll = Select all
