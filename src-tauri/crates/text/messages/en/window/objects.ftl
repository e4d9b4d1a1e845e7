### What objects shall be like, their names, and what fields take.

options_asBucket = As the bucket is set
options_notSent = Not set
options_storageClass = Storage class
options_classes_Standard = Standard
options_classes_IA = Infrequent Access
options_classes_Archive = Archive
options_classes_ColdArchive = Cold Archive
options_classes_DeepColdArchive = Deep Cold Archive
options_classOther = Another…
options_classOtherName = Class, as the store names it
options_acl = Access (ACL)
options_acls_default = As the bucket
options_acls_private = Private
options_acls_public-read = Public read
options_acls_public-read-write = Public read and write
options_encryption = Encryption
options_encryptionAes256 = AES-256, the store's key
options_encryptionKms = KMS, a key of the key service
options_kmsKeyId = KMS key ID
options_kmsKeyIdHint = Empty for the service's own key
options_contentType = Content-Type
options_contentTypeHint = Empty: by each name's extension
options_cacheControl = Cache-Control
options_cacheControlHint = As max-age=86400
options_contentDisposition = Content-Disposition
options_contentDispositionHint = As attachment
options_metadata = Metadata
# $header (String)
options_metadataHint = Sent as { $header }…
options_metadataAdd = Add metadata
options_tags = Tags
options_tagsHint = At most 10
options_tagsAdd = Add a tag
options_pairName = Name
options_pairValue = Value
options_pairRemove = Remove this line
options_trafficLimit = Speed of each connection
options_trafficLimitUnit = KB/s
options_trafficLimitHint = 100 to 102400, kept by OSS. Empty: no limit
options_sha256 = Store each file's SHA-256 as metadata
options_sha256Hint = Each file is read once more, before its first byte is sent.
options_callbackUrl = Callback URL
options_callbackUrlHint = OSS calls it after each upload. Several: with ; between
options_callbackBody = Callback body
options_callbackBodyHint = As bucket=${"{bucket}"}&object=${"{object}"}&size=${"{size}"}
options_callbackBodyType = Callback type
options_callbackForm = Form
options_callbackJson = JSON
options_callbackVariables = Callback parameters
options_callbackVariablesHint = Names begin with x: and stand in the body as ${"{x:name}"}
options_callbackVariablesAdd = Add a parameter

names_template = Key template
names_templateHint = How a file's place and name become its object's key
# $field (String)
names_insert = Insert { $field }
names_fields_prefix = the prefix
names_fields_dir = folders below the drop
names_fields_name = file name
names_fields_stem = without extension
names_fields_ext = extension with its dot
names_fields_yyyy = year
names_fields_mm = month
names_fields_dd = day
names_fields_hash8 = start of the SHA-256
names_preview = Preview
names_noPreview = The template cannot be used yet.
names_reset = Back to the usual one
names_hashNote = With {"{hash8}"} each file is read once before it is queued.
names_form = Accents and composed characters
names_formNfc = Composed (NFC, recommended)
names_formAsIs = As the disk has them

rules_name = Enter a name.
rules_parallel = A whole number from 1 to 256, or nothing.
rules_partSize = A whole number of MiB from 1 to 5120, or nothing.
rules_exclude = A pattern cannot be understood. Check its [ ] and {"{ }"}.
rules_keyCommand = Enter the command that prints the key.
rules_keyTemplate = It needs {"{name}"}, {"{stem}"} or {"{hash8}"}, and in braces only the fields below. Write {"{{"} for a brace.
rules_connectSeconds = 1 to 3600 seconds.
rules_idleSeconds = 1 to 3600 seconds.
rules_connections = At most 128.
rules_linkDomain = A domain without a path, as https://img.example.com.
rules_limit = Times as 08:00 that do not overlap, speeds as 2 or 512 KiB/s.
rules_network__proxyServer = A server, as http://proxy.example.com:3128; also https, socks5, socks5h.
rules_options__storageClass = The store has no class of this name.
rules_options__acl = The store has no ACL of this name.
rules_options__encryption = A key's ID holds plain letters, digits and signs only.
rules_options__contentType = Plain letters, digits and signs only.
rules_options__cacheControl = Plain letters, digits and signs only.
rules_options__contentDisposition = Plain letters, digits and signs only.
rules_options__metadata = Names are letters, digits and - (on S3 also _ and .), each once; ferry-id and sha256 are Ferry's own. On OSS 8 KiB in all, on S3 2 KiB.
rules_options__tags = At most 10, each name once. They hold letters (on OSS of English only), digits, spaces and + - = . _ : / (on S3 also @).
rules_options__trafficLimit = 100 to 102400 KB/s.
rules_options__callback = One to five http or https addresses, and a body. Parameters are named x:… without capitals.
