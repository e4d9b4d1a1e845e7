### What Ferry does outside of its window, as the page says it.

closing_title = Files are still being uploaded
# $files (Number)
closing_body =
    { $files ->
        [0] Nothing is lost, whatever you choose.
        [one] { $files } file is not uploaded yet. Nothing is lost, whatever you choose.
       *[other] { $files } files are not uploaded yet. Nothing is lost, whatever you choose.
    }
closing_choice = When the window closes
closing_background = Keep uploading in the tray
closing_backgroundHint = Ferry's icon in the tray brings the window back
closing_minimise = Keep uploading, window minimised
closing_minimiseHint = This desktop shows no tray icons: Ferry stays in the taskbar
closing_quit = Quit and resume later
closing_quitHint = The next start goes on from the last part the store acknowledged
closing_quitWhenDone = Quit when finished
closing_quitWhenDoneHint = Goes on out of sight, and ends once nothing is left to do
closing_remember = Remember my choice
closing_rememberHint = Can be changed in Settings
closing_do = Close window
closing_stay = Keep it open

desktop_startup = Startup and background
desktop_notifications = Notifications
desktop_onClose = Closing while files are uploaded
desktop_ask = Ask
desktop_onCloseHint = With nothing to upload, closing the window quits
desktop_login = Open at login
desktop_loginHint = Starts in the tray, or minimised where there is none
desktop_loginAbsent = This system does not let Ferry set it
desktop_tray = Icon in the tray
desktop_trayHint = Shows how far uploads are, pauses and resumes them
desktop_trayAbsent = This desktop shows no tray icons
desktop_awake = Keep awake while uploading
desktop_awakeHint = Not while everything is paused or waits for the network
desktop_done = When a batch is uploaded
desktop_doneHint = Only while another window has the focus
desktop_needs = When a batch needs you
desktop_needsHint = A file exists already, has changed or failed, or a key was refused

paste_menu = Paste
paste_nothing = There is no file and no picture on the clipboard.
paste_nothingHint = Copy files in the file manager, or take a screenshot, then paste again.
openFolder = Open folder

notices_quitsWhenDone = Ferry quits once nothing is left to do.
notices_stayOpen = Stay open

updates_title = Updates
updates_look = Look for new versions
updates_lookHint = At the start and once a day, where this Ferry was published. Nothing is fetched or installed until you say so.
updates_now = Look now
updates_looking = Looking…
updates_newest = This is the newest version.
updates_found = There is a newer version: the line above the list says what changed.
# $version (String)
updates_available = Ferry { $version } is available.
updates_install = Install…
updates_openPage = Open the download page
updates_later = Later
updates_downloading = Downloading…
# $version (String)
updates_ready = Ferry { $version } is downloaded, and its signature is right.
updates_readyHint = It is installed when Ferry quits. Uploads then go on from the last acknowledged part.
updates_restart = Restart now
