### Receipts in the window.

receipt_open = Receipt
# $name (String)
receipt_title = Receipt of { $name }
receipt_dropped = Dropped
receipt_uploaded = Uploaded, verified
receipt_leftOut = Left out
receipt_failed = Failed
receipt_notDone = Not done
receipt_verify = Verify again
receipt_verifyHint = Asks the store for each object and compares it with what was verified.
# $asked (String)
# $total (String)
receipt_verifying = { $asked } of { $total } asked for
receipt_stop = Stop
# $count (Number)
receipt_allSame =
    { $count ->
        [one] The object is still what was verified.
       *[other] All { $count } objects are still what was verified.
    }
# $count (Number)
# $total (String)
receipt_unlike =
    { $count ->
        [one] { $count } of { $total } is no longer what was verified.
       *[other] { $count } of { $total } are no longer what was verified.
    }
receipt_unlikeList = No longer what was verified
# $count (Number)
receipt_more = and { $count } more
receipt_files = Files
# $from (String)
# $to (String)
# $total (String)
receipt_range = { $from }–{ $to } of { $total }
receipt_earlier = Earlier files
receipt_later = Later files
receipt_crc = CRC-64
receipt_etag = ETag
receipt_version = version
receipt_request = request
# $proof (String)
receipt_verifiedBy = verified by { $proof }
# $time (String)
receipt_started = started { $time }
# $time (String)
receipt_took = took { $time }
receipt_format = File format
receipt_formats_csv = Table (CSV)
receipt_formats_json = JSON, one object a line
receipt_formats_sha256sum = sha256sum list
receipt_formats_md5sum = md5sum list
receipt_formats_mhl = Media Hash List (ASC MHL)
receipt_readFiles = Read the local files for missing digests
receipt_readFilesHint = Only files that still are what was uploaded get into the list.
receipt_save = Save…
receipt_saving = Writing…
receipt_reading = Reading files and writing…
# $path (String)
receipt_saved = Saved as { $path }.
# $path (String)
# $count (Number)
# $why (String)
receipt_savedWithout =
    { $count ->
        [one] Saved as { $path } without { $count } file: { $why }.
       *[other] Saved as { $path } without { $count } files: { $why }.
    }
