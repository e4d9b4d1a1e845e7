### Lengths of time, short, as progress shows them.

# $count (Number)
time_seconds = { $count } s
# $count (Number)
time_minutes = { $count } min
# $count (Number)
time_hours = { $count } h
# $count (Number)
time_days = { $count } d
# $large (String) as "2 min"
# $small (String) as "5 s"
time_two = { $large } { $small }
