### Diagnostics in the window.

diagnostics_title = Diagnostics
diagnostics_open = Diagnostics…
diagnostics_figures = Figures
diagnostics_doctor = Endpoint doctor
diagnostics_requests = Requests
# $count (String)
diagnostics_aSecond = { $count } /s
diagnostics_throughput = Throughput
diagnostics_connections = Connections in use
diagnostics_processor = Processor
diagnostics_memory = Memory
diagnostics_times = Milliseconds, since Ferry was started
diagnostics_operation = Operation
diagnostics_count = Count
diagnostics_failed = Failed
diagnostics_commits = Writes to the queue on disk
diagnostics_retries = Tried again, by cause
diagnostics_noRetries = No request had to be tried again.
diagnostics_explained = Goes the way to each address of a destination: proxy, name, connection, encryption, clock, signature, and 1 MB that is written under the prefix and deleted again.
diagnostics_profile = Destination
diagnostics_run = Examine
diagnostics_running = Examining…
# After an address and its kind.
diagnostics_current = , in use
diagnostics_outcomes_passed = Passed
diagnostics_outcomes_warned = Warning
diagnostics_outcomes_failed = Failed
diagnostics_outcomes_skipped = Not tried
diagnostics_export = Export…
diagnostics_exportHint = The export holds versions, settings, figures, the last lines of the log and what the doctor found: no key and no secret.
# $path (String)
diagnostics_exported = Saved as { $path }.
