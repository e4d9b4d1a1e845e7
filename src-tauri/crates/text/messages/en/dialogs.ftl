### Native dialogs and messages outside the page.

pick_files = Add files to upload
pick_folders = Add folders to upload
pick_watch_folder = Choose a folder to watch
pick_archive_folder = Choose a folder for uploaded files
save_receipt_as = Save the receipt
save_diagnostics_as = Export diagnostics
# The one button of a message.
dialog_close = Close
# $error (String) the system's words
window_not_opened = Ferry cannot open its window: { $error }
