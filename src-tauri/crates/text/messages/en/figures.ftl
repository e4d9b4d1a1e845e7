### What limits an upload, and what a benchmark's figures say.

## What limits an upload, as in "limited by your network"

limited_by_network = your network
limited_by_disk = this disk
limited_by_store = the store's answers
limited_by_limit = your speed limit
limited_by_computer = this computer

## Why so many requests go side by side

chosen_fixed = as you set it
chosen_start = as at first, nothing asked for more
chosen_growing = still growing, more moved more
chosen_best = more moved no faster
chosen_ceiling = the most that is tried
chosen_slowed_down = fewer after refusals or broken connections

## Advice: each names the figure and the threshold it is over

# $open (Number)
# $all (Number)
advice_unfinished = { $open } of { $all } objects were not stored, over 0: the figures are of the others.
# $seconds (String) as 0.8
# $least (String) seconds
# $option (String) of the command line, as --size
advice_too_short = It took { $seconds } s, under { $least } s: more ({ $option }) gives steadier figures.
# $p95 (String) milliseconds
# $most (String) milliseconds
advice_slow_answers = p95 of answers is { $p95 } ms, over { $most } ms: the bucket is far away or its store is busy. A nearer region, the internal endpoint or transfer acceleration helps.
# $times (String)
# $most (String)
advice_uneven = p99 of requests is { $times } times p50, over { $most } times: some hang. Packets get lost on the way, or the store is busy now and then.
# $share (String) as 2.0 %
# $most (String)
advice_retries = { $share } of requests were tried again, over { $most }: connections break, or the store refuses. Fewer requests side by side (--parallel) may move more.
# $share (String)
# $most (String)
advice_throttled = { $share } of the waiting was throttling by the store, over { $most }: the account or bucket is at its limit of bandwidth or requests. Ask the provider for more.
# $share (String)
# $most (String)
advice_network_full = { $share } of the waiting was for the network to take bytes, over { $most }: the line is full. More requests side by side do not help.
# $share (String)
# $most (String)
advice_computer_busy = The processor was busy for { $share } of the time, from { $most } on it is what limits: other programs, or a slower computer, cost speed.
# $share (String)
# $most (String)
advice_speed_limit = { $share } of the waiting was for your speed limit, over { $most }: without it, more would move.
# $number (Number) requests side by side
# $most (Number)
advice_ceiling = { $number } requests went side by side, the most that automatic concurrency takes: --parallel { $most } may move more.
