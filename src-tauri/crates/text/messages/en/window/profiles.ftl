### The form of a profile, its key, and other tools' keys.

form_newTitle = New profile
form_editTitle = Edit profile
form_practiceNote = The practice bucket is a folder on this computer. Ferry manages its address and its key; everything else can be changed.
form_name = Name
form_provider = Provider
form_oss = Alibaba Cloud OSS
form_s3 = S3-compatible
form_endpoint = Endpoint or region
form_endpointHintOss = As cn-hangzhou, a host name, or a whole URL
form_endpointHintS3 = As https://s3.example.com, or a whole URL
form_region = Region
form_regionHint = If the endpoint does not say
form_bucket = Bucket
form_prefix = Prefix
form_prefixHint = Put before each name, as photos/2026/
form_accessKeyId = AccessKey ID
form_accessKeySecret = AccessKey secret
form_securityToken = STS token
form_optional = optional
form_keptKeyring = stored in the keyring
form_keptThisRun = kept until Ferry ends
# $hint (String)
form_keepHint = Leave empty to keep { $hint }
form_keepHintUnknown = Leave empty to keep the key
form_needId = Enter the AccessKey ID.
form_needSecret = Enter the AccessKey secret.
form_show = Show what is typed
form_hide = Hide what is typed
form_existing = If an object exists
form_choices_existing_settings = As in Settings
form_choices_existing_ask = Ask
form_choices_existing_skip = Skip the file
form_choices_existing_overwrite = Replace it
form_choices_existing_rename = Keep both, rename
form_choices_existing_skipIdentical = Skip if identical, else replace
form_understood = Example
form_understoodWait = Fill in endpoint and bucket to see where files go.
form_test = Test connection
form_testing = Testing…
form_testAgain = Test again
# $time (String)
# $direction ("behind" | "ahead")
form_clock =
    { $direction ->
        [behind] This computer's clock is { $time } behind the store's. Ferry allows for it.
       *[ahead] This computer's clock is { $time } ahead of the store's. Ferry allows for it.
    }
# $endpoint (String)
form_useEndpoint = Use { $endpoint }
form_save = Save
form_saving = Saving…
form_thisRunOnly = Use for this run only
form_keyringNote = The profile is saved, its AccessKey is not.

sections_label = Sections of the profile
sections_basics = Bucket and key
sections_objects = Objects
sections_names = Names
sections_connection = Connection
sections_problem = has a problem

key_source = AccessKey
key_keyring = Typed in, kept in the keyring
key_environment = From the environment
key_process = From a command
key_takeOver = Import keys from another tool…
key_tokenEnds = Token ends
key_tokenEndsHint = As 2026-11-22 18:30, or as STS prints it
key_tokenEndsWrong = A date and time, as 2026-11-22 18:30.
# $moment (String)
key_tokenEndsAt = Ends { $moment }
# $moment (String)
key_tokenEnded = Ended { $moment }
# $id (String)
# $secret (String)
# $token (String)
key_environmentNote = Ferry reads { $id }, { $secret } and, if set, { $token } from the environment it was started in. Nothing is kept.
# $hint (String)
key_environmentFound = Found: { $hint }
key_environmentMissing = They are not set now. Set them and start Ferry again.
key_command = Command
key_commandHint = Prints one JSON object, as credential_process of the AWS tools and ossutil does
key_commandNote = Ferry runs it whenever it needs a fresh key, so a token that ends is replaced by itself. Nothing is kept.
# $hint (String)
# $file (String)
key_imported = AccessKey { $hint } from { $file }
# $file (String)
key_importedCommand = Command from { $file }
key_importedNote = It goes into the keyring when you save.
key_typeInstead = Type one in instead

imports_title = Import keys from another tool
imports_searching = Looking…
imports_nothing = No keys of other tools were found.
imports_pick = Choose what to import. Nothing is saved until you save the profile.
imports_command = Command
imports_noEndpoint = no endpoint
# $moment (String)
imports_tokenEnds = token ends { $moment }
# $moment (String)
imports_tokenEnded = token ended { $moment }
# $count (Number)
imports_lookedAt =
    { $count ->
        [one] { $count } file looked at
       *[other] { $count } files looked at
    }
imports_problems = Could not be read
imports_take = Import
