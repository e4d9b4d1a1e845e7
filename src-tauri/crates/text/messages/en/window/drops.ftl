### Dropped files that are not queued yet.

# $files (Number)
drops_surveying =
    { $files ->
        [one] Looking through folders: { $files } file so far…
       *[other] Looking through folders: { $files } files so far…
    }
drops_startNow = Start now
drops_stop = Stop
drops_title = Before this is uploaded
# $name (String)
# $more (Number)
drops_what =
    { $more ->
        [0] { $name }
        [one] { $name } and { $more } more
       *[other] { $name } and { $more } more
    }
# $profile (String)
# $folder (String)
drops_to = to { $profile } › { $folder }
# $profile (String)
drops_toTop = to { $profile }
# $files (Number)
# $bytes (String)
drops_files =
    { $files ->
        [one] { $files } file, { $bytes }
       *[other] { $files } files, { $bytes }
    }
drops_filesLabel = To upload
drops_largestLabel = Largest
drops_existingLabel = Already there
# $known (String)
# $files (Number)
drops_existing =
    { $known ->
        [counting] being counted…
        [exactly]
            { $files ->
                [0] none of them
                [one] { $files } file
               *[other] { $files } files
            }
        [atLeast]
            { $files ->
                [one] at least { $files } file
               *[other] at least { $files } files
            }
       *[unknown] not known
    }
drops_timeLabel = Expected
# $duration (String)
drops_time = about { $duration } at the last speed
# $files (Number)
drops_problem_unreadable =
    { $files ->
        [one] { $files } file cannot be read
       *[other] { $files } files cannot be read
    }
# $files (Number)
drops_problem_badKey =
    { $files ->
        [one] { $files } file has a name that the store does not take
       *[other] { $files } files have names that the store does not take
    }
# $files (Number)
drops_problem_sameKey =
    { $files ->
        [one] { $files } file would get the name of another one
       *[other] { $files } files would get the names of others
    }
# $files (Number)
drops_problem_sameButForCase =
    { $files ->
        [one] { $files } name differs from another only by upper and lower case; Windows and macOS take them for one
       *[other] { $files } names differ from others only by upper and lower case; Windows and macOS take them for one
    }
# $files (Number)
drops_problem_sameButForForm =
    { $files ->
        [one] { $files } name looks the same as another one, in other Unicode characters
       *[other] { $files } names look the same as others, in other Unicode characters
    }
# $names (String)
drops_andMore = { $names }, …
drops_cancel = Do not upload
drops_start = Upload
# $files (Number)
drops_startWithout =
    { $files ->
        [one] Upload without { $files } file
       *[other] Upload without { $files } files
    }
drops_listed = “Upload” lists files that cannot go under “Needs you”.
