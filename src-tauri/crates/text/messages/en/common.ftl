### What other messages are put together with, and lengths of time.

# Stands between two of a list.
between_things = { ", " }
# Stands between two sentences.
between_sentences = { " " }

# $count (Number)
span_minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
# $count (Number)
span_hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
# $count (Number)
span_days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
# $large (String) as "2 hours"
# $small (String) as "3 minutes"
span_two = { $large } and { $small }
