### Connection, limits, proxies, the window's settings, files added with options.

setup_title = Settings
setup_language = Language
setup_theme = Theme
setup_system = As the system
setup_light = Light
setup_dark = Dark
setup_parallel = Parallel requests
setup_parallelAutomatic = Automatic
# $most (Number)
setup_parallelHint = Empty for the fastest, or 1 to { $most }
setup_limitHint = For all transfers together
setup_hours = Hours of uploads
setup_hoursHint = Empty for always, or as Mon-Fri 19:00-07:00
setup_interface = Network interface
setup_interfaceAny = Any
setup_interfaceHint = Uploads wait while the connection goes through another one
setup_metered = Wait on metered connections
setup_meteredHint = Where the system says that bytes are paid for, as with a phone’s hotspot
setup_exclude = Leave out of folders
setup_excludeHint = Names or patterns with * and ?, separated by commas
setup_tabs_label = Sections
setup_tabs_transfers = Transfers
setup_tabs_network = Network
setup_tabs_appearance = Appearance
setup_tabs_desktop = Desktop
setup_tabs_automation = Automation
setup_tabs_data = Data
setup_partSize = Part size
setup_partSizeHint = Empty to follow the file and the link. Files up to it go by one request.
setup_perDestination = A destination can say otherwise.
# $seconds (Number)
setup_secondsHint = Empty for { $seconds }
setup_density = Rows
setup_densityHint = How high the rows of files are
setup_compact = Compact
setup_comfortable = Comfortable
setup_history = Keep the history
setup_historyHint = Older batches and their receipts are forgotten. Files and objects stay.
setup_forever = For ever
# $count (Number)
setup_days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
setup_log = Log file
setup_logHint = It names files and destinations, never a key.
setup_logLevels_off = Nothing
setup_logLevels_warnings = Errors and warnings
setup_logLevels_info = What Ferry does
setup_logLevels_debug = Each request
setup_openData = Open the data folder
setup_dataHint = It holds the queue, the settings and the log. Keys stay in the keyring.

automation_hooks = When something ends
automation_hooksHint = A program, run without a shell, gets what happened as JSON on its standard input; an address gets it as a POST. It is kept as it is typed: no place for a password.
automation_when = When
automation_events_verified = A file is verified
automation_events_failed = A file fails or needs you
automation_events_batch = A batch has ended
automation_target = Program with arguments, or address
automation_example = /usr/local/bin/notify --quiet, or https://…
automation_add = Add
automation_remove = Remove this line
automation_audit = Audit log
automation_auditOn = Keep an audit log
automation_auditHint = A JSON line for each transfer that ends or fails, with who, what, where and when; never a key
automation_file = File
automation_fileHint = Full path. Empty for audit.jsonl in the data folder
# $path (String)
automation_auditForced = The environment says where it is kept: { $path }

connection_addressing = Bucket in the URL
connection_choices_addressing_auto = Automatic
connection_choices_addressing_virtual = In the host name
connection_choices_addressing_path = In the path
connection_choices_addressing_cname = Own domain (CNAME)
connection_sign = Signature
connection_choices_sign_v4 = Version 4 (recommended)
connection_choices_sign_v1 = Version 1 (older services)
connection_integrity = Integrity
connection_choices_integrity_settings = As in Settings
connection_choices_integrity_standard = Standard: every byte, by the store's checksum
connection_choices_integrity_strict = Strict: also an MD5 of each part (slower)
connection_plainHttp = Encryption on the way
connection_choices_plainHttp_refuse = Encrypted only (https)
connection_choices_plainHttp_allow = Allow plain http (keys and files can be changed on the way)
connection_connectSeconds = Connect timeout
connection_units_connectSeconds = seconds
connection_idleSeconds = Idle timeout
connection_units_idleSeconds = seconds
connection_connections = Most connections
connection_hints_connectSeconds = Empty: as in Settings
connection_hints_idleSeconds = Empty: as in Settings
connection_hints_connections = Empty: as the settings say
connection_limitHint = For this profile's transfers together
connection_linkDomain = Domain for links
connection_hints_linkDomain = As https://img.example.com. Empty: the bucket's own address
# $value (String)
connection_understood = Understood as: { $value }

limit_label = Speed limit
limit_otherwise = Speed limit at other hours
limit_unit = MiB/s
limit_none = No limit
limit_hours = Hours with a limit of their own
limit_from = From
limit_to = To
limit_rate = Speed limit (MiB/s)
limit_add = Add hours
limit_remove = Remove these hours
limit_hoursHint = By this computer's clock, also over midnight

network_proxy = Proxy
network_asSettings = As in Settings
network_asSystem = As the system says
network_direct = No proxy
network_manual = Manual
network_server = Server
network_serverHint = http, https, socks5 or socks5h
network_user = User
network_password = Password
network_passwordHint = Kept in the system's keyring. Leave empty to keep the stored one.
network_passwordNote = The profile is saved, the proxy's password is not.
network_directHosts = Reached directly
network_directHostsHint = Names, addresses and networks, separated by commas
network_caFile = CA file
network_caFileHint = Full path of a PEM file. Trusted beside the system's authorities, for example your company's proxy

batch_menu = Add with options…
batch_title = Add with options
# $profile (String)
batch_intro = For files added now, in place of what “{ $profile }” says.
batch_inForce = In force:
# $label (String)
# $value (String)
batch_option = { $label }: { $value }
batch_none = Correct what is marked: no files are taken meanwhile.
batch_dropNote = Choose files, or drop them onto this window now.
# $count (Number)
batch_added =
    { $count ->
        [one] { $count } file added with these options.
       *[other] { $count } files added with these options.
    }
batch_chooseFiles = Choose files…
batch_chooseFolder = Choose folder…
batch_done = Done
batch_dropHint = With the options of the open form
batch_dropRefused = The options have to be corrected first
