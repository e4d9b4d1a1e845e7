### Outside of the window: tray, notifications, what is pasted.

tray_show = Show Ferry
tray_pause = Pause all
tray_resume = Resume all
tray_quit = Quit Ferry
tray_idle = Nothing is being uploaded
# $what (String) as "2 min left"
# $done (Number)
# $files (Number)
tray_working =
    { $files ->
        [one] { $what }, { $done } of { $files } file
       *[other] { $what }, { $done } of { $files } files
    }
# $time (String) as "2 min 5 s"
tray_left = { $time } left
tray_uploading = Uploading
tray_waiting = Waiting
tray_verifying = Verifying
# Stands before what the tray says, where the system shows it apart from the icon.
# $what (String)
tray_tooltip = Ferry: { $what }
# Why the computer is kept awake.
awake_reason = Files are being uploaded
practice_bucket = Practice bucket (this computer)

## Notifications

# $name (String) the first file or folder of the batch
# $more (Number) others that were dropped with it
news_done_title =
    { $more ->
        [0] “{ $name }” is uploaded
       *[other] “{ $name }” and { $more } more are uploaded
    }
# $files (Number) verified
# $left_out (Number)
# $profile (String)
news_done =
    { $left_out ->
        [0] { $files ->
            [one] { $files } file verified, in { $profile }.
           *[other] { $files } files verified, in { $profile }.
        }
       *[other] { $files ->
            [one] { $files } file verified, in { $profile }. { $left_out } left out.
           *[other] { $files } files verified, in { $profile }. { $left_out } left out.
        }
    }
# $name (String)
# $more (Number)
news_needs_title =
    { $more ->
        [0] “{ $name }” needs you
       *[other] “{ $name }” and { $more } more need you
    }
# $files (Number)
news_needs =
    { $files ->
        [one] { $files } file cannot go on without you.
       *[other] { $files } files cannot go on without you.
    }
# $profile (String)
# $why (String) a sentence
news_held = “{ $profile }” is paused. { $why }

## Pasted pictures

# $moment (String) as "2026-11-29 13.12.05"
pasted_picture = Screenshot { $moment }.png
# $moment (String)
# $copy (Number) from 2 on
pasted_picture_again = Screenshot { $moment } ({ $copy }).png
