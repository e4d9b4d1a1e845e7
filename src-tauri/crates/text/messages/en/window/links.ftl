### Links to objects.

links_copy = Copy link
links_copyMany = Copy links
# $fitting (Number)
# $all (Number)
links_copySome = Copy links: { $fitting } of { $all } selected are uploaded
links_menu = Links
# $count (Number)
links_copyAll =
    { $count ->
        [one] Copy the link of 1 upload
       *[other] Copy links of all { $count } uploads
    }
links_options = Link options…
links_title = Copy links
links_kind = Link
links_kindPublic = Public address
links_kindSigned = Signed, for a while
links_publicHint = Works where the object may be read by everybody
links_signedHint = Works for whoever has it, until it ends
links_duration = Ends after
links_durations_hour = 1 hour
links_durations_day = 1 day
links_durations_week = 7 days
links_durations_own = Another time…
links_hours = Hours
links_hoursHint = At most 168 (7 days)
links_hoursWrong = More than 0 and at most 168 hours.
links_format = Written as
links_formats_url = Address
links_formats_markdown = Markdown
links_formats_html = HTML
links_formats_pattern = Own pattern
links_pattern = Pattern
links_patternHint = With {"{url}"}, {"{name}"}, {"{key}"}, {"{bucket}"} and {"{size}"}
links_patternWrong = Enter a pattern, as {"{name}"}: {"{url}"}.
links_preview = Preview
links_previewWait = Making…
links_remembered = “Copy link” uses these choices from now on.
# $count (Number)
links_copied =
    { $count ->
        [one] { $count } link copied
       *[other] { $count } links copied
    }
# $moment (String)
links_until = valid until { $moment }
links_public = works where the object is public
# $count (Number)
links_leftOut =
    { $count ->
        [one] 1 left out: not uploaded
       *[other] { $count } left out: not uploaded
    }
links_nothing = Nothing copied: none of them is uploaded yet.
links_failed = The clipboard could not be written.
