### What went wrong, a sentence for each kind of fault, and what to do about it.
### $subject is what the fault is about.

## The network and the store

# $subject (Optional)
fault_unreachable = { The_endpoint } cannot be reached.
fault_unreachable_hint = Check the network and the endpoint. Ferry goes on by itself as soon as it answers.
fault_connection_lost = The connection to the store broke.
fault_connection_lost_hint = Ferry tries again by itself. Only what was on its way is sent again.
fault_stalled = The store stopped answering.
fault_stalled_hint = Ferry tries again by itself. If this lasts, check the network.
fault_not_store = The answer did not come from an object store.
fault_not_store_hint = A login page or a proxy may stand in between: open a web page, sign in to the network, and check the endpoint.
# $subject (Optional)
fault_tls_failed = No secure connection to { the_endpoint }: its certificate was refused.
fault_tls_failed_hint = Check the endpoint and this computer's date. Behind a company proxy, its certificate must be trusted by the system. A minimal Linux needs the package ca-certificates.
# $subject (Optional)
fault_certificate_untrusted = This computer does not trust the certificate of { the_endpoint }.
fault_certificate_untrusted_hint = If your company's proxy replaces certificates, add its CA file to the profile. Otherwise check the endpoint: somebody may stand in between.
# $subject (Optional)
fault_ca_file_unusable = The CA file { the_file } cannot be used.
fault_ca_file_unusable_hint = Choose a PEM file: it begins with the line BEGIN CERTIFICATE.
# $subject (Optional)
fault_proxy_invalid = The proxy { of_proxy } cannot be used.
fault_proxy_invalid_hint = Write it as http://proxy.example.com:3128. The beginning may also be https, socks5 or socks5h.
# $subject (Optional)
fault_proxy_unreachable = The proxy { of_proxy } cannot be reached.
fault_proxy_unreachable_hint = Check the network and the proxy settings. Ferry goes on by itself as soon as it answers.
# $subject (Optional)
fault_proxy_broke = The proxy { of_proxy } broke the connection.
fault_proxy_broke_hint = Ferry tries again by itself. If this lasts, ask who runs the proxy.
# $subject (Optional)
fault_proxy_sign_in = The proxy { of_proxy } wants a user and password.
fault_proxy_sign_in_hint = Enter the proxy's user and password, or correct them.
# $subject (Optional)
fault_proxy_refused = The proxy { of_proxy } does not allow connections to the store.
fault_proxy_refused_hint = Ask who runs the proxy to allow the endpoint, or use another way to the network.
fault_server_error = The store failed to answer the request.
fault_server_error_hint = Ferry tries again by itself.
fault_throttled = The store asks for fewer requests.
fault_throttled_hint = Ferry slows down and goes on by itself.
fault_object_busy = Somebody else is changing the same object just now.
fault_object_busy_hint = Ferry tries again by itself. If this lasts, see which other program writes there.
fault_request_timeout = The data arrived too slowly, and the store gave the request up.
fault_request_timeout_hint = Ferry tries again by itself. On a slow line, fewer uploads at a time help.

## Keys and accounts

fault_bad_access_key = The store does not know this AccessKey ID.
fault_bad_access_key_hint = Check the AccessKey ID in the profile. It may have been deleted or disabled.
fault_bad_signature = The signature does not match: most likely the AccessKey secret is wrong.
fault_bad_signature_hint = Enter the secret again in the profile, without spaces around it.
fault_token_expired = The security token has expired or is not valid.
fault_token_expired_hint = Enter a new token in the profile. The upload then goes on where it stopped.
fault_access_denied = This AccessKey has no permission for that.
fault_access_denied_hint = Ask the owner of the bucket for the permission to upload there. The details say what was refused.
fault_clock_skew = This computer's clock is too far off.
fault_clock_skew_hint = Let the system set date and time by itself, then retry.
fault_account_suspended = The account or the bucket is suspended.
fault_account_suspended_hint = See in the provider's console whether a payment is due or the account is locked.
fault_store_full = The store is full, or the bucket's quota is used up.
fault_store_full_hint = Free space there, or raise the quota. Then retry: what was sent is kept.
fault_encryption_key_refused = The encryption key cannot be used.
fault_encryption_key_refused_hint = Check the key's ID and state, and whether this AccessKey may use it.
fault_credentials_missing = No AccessKey is stored for this profile.
fault_credentials_missing_hint = Enter the AccessKey in the profile. On the command line, set it in the environment.
fault_keyring_locked = The system's keyring is locked.
fault_keyring_locked_hint = Unlock it and retry, or enter the secret for this run only.
fault_keyring_absent = No keyring service is running on this system.
fault_keyring_absent_hint = Start one (for example gnome-keyring), or enter the secret for this run only. Ferry never writes it to a file.
# $subject (Optional)
fault_credential_process_failed = { The_command } gave no key that can be used.
fault_credential_process_failed_hint = Run the profile's command in a terminal to see what is wrong. Ferry runs it again by itself.

## Where things go

# $subject (Optional)
fault_no_such_bucket = { The_bucket } does not exist.
fault_no_such_bucket_hint = Check the bucket's name, and whether the endpoint is the one of its region.
# $subject (Optional)
fault_wrong_endpoint = { The_bucket } must be accessed through another endpoint.
fault_wrong_endpoint_hint = Set the endpoint of the bucket's region in the profile. New OSS accounts need a domain of their own for uploads.
# $subject (Optional)
fault_wrong_region = { The_bucket } is in another region than the profile says.
fault_wrong_region_hint = Correct the region in the profile. The provider's console shows it with the bucket.
fault_region_missing = The endpoint does not tell its region.
fault_region_missing_hint = Enter the bucket's region, for example cn-hangzhou. The provider's console shows it with the bucket.
# $subject (Optional)
fault_addressing_refused = The store does not accept { the_bucket } in this form of URL.
fault_addressing_refused_hint = In the profile, set where the bucket stands in the URL: in the host name for the provider's endpoint, own domain for one bound to the bucket.
# $subject (Optional)
fault_invalid_endpoint = { The_endpoint } is no address of a store.
fault_invalid_endpoint_hint = Enter a host such as oss-cn-hangzhou.aliyuncs.com, or a URL that begins with https://.
# $subject (Optional)
fault_invalid_bucket_name = { The_bucket } is no valid bucket name.
fault_invalid_bucket_name_hint = A name has 3 to 63 lower-case letters, digits and hyphens, and begins and ends with a letter or digit.
# $subject (Optional)
fault_insecure_endpoint = { The_endpoint } uses plain http, which protects nothing on its way.
fault_insecure_endpoint_hint = Use https. In a network of your own, you can allow http in the profile.

## Objects

# $subject (Optional)
fault_no_such_key = { The_object } is not in the bucket.
fault_no_such_key_hint = Upload it again.
fault_upload_gone = The store no longer knows this upload.
fault_upload_gone_hint = Retry: Ferry first looks at what is there, and starts over only if it must.
fault_parts_refused = The store does not hold all parts as they were sent.
fault_parts_refused_hint = Retry: the parts that differ are sent again.
fault_part_too_small = The parts are smaller than the store accepts.
fault_part_too_small_hint = Retry: the file is sent again in larger parts.
# $subject (Optional)
fault_too_large = { The_object } is larger than the store accepts.
fault_too_large_hint = Split the file. The largest object is 48.8 TiB; some stores allow less.
# $subject (Optional)
fault_key_invalid = { The_object } cannot be an object's name.
fault_key_invalid_hint = A name has 1 to 1,023 bytes, does not begin with / or \, and no part of it is . or .. (no link could lead there). Rename the file, or change the prefix.
fault_already_exists = An object of this name is already there.
fault_already_exists_hint = Choose: skip it, overwrite it, or keep both.
# $subject (Optional)
fault_options_differ = { The_object } is there with identical content, but its options differ.
fault_options_differ_hint = Choose: skip it, overwrite it to give it these options, or keep both.
# $subject (Optional)
fault_immutable = { The_object } is under retention and cannot be replaced.
fault_immutable_hint = Upload it under another name.
fault_digest_refused = The data that arrived is not the data that was sent.
fault_digest_refused_hint = Retry. If this lasts, the file changes while it is read, or memory, disk or network are faulty.
fault_checksum_mismatch = The store's checksum differs from the file's.
fault_checksum_mismatch_hint = Do not rely on the object: retry. Ferry does not delete it by itself.
# $subject (Optional)
fault_damaged_object = { The_object } arrived damaged at every try, and the damaged object is still there.
fault_damaged_object_hint = Do not rely on the object. Retry: Ferry then replaces it. Check this computer's memory and network if it lasts.
# $subject (Optional)
fault_token_ends_before_link = The token of { the_profile } ends before the link was to.
fault_token_ends_before_link_hint = The link stops working when the token ends. For a longer one, use a key that does not end.
fault_unproven = The store gave no checksum to compare, so the upload does not count as done.
fault_unproven_hint = Set the profile's integrity to strict, so that each part is checked on arrival. Then retry.
fault_precondition_failed = The object changed meanwhile, so the store refused.
fault_precondition_failed_hint = Look at the object, then retry.
# $subject (Optional)
fault_archived = { The_object } is archived.
fault_archived_hint = Restore it first.
fault_unsupported = The store does not support this.
fault_unsupported_hint = Check the profile's provider and options.
fault_option_refused = The store refuses an option of this upload.
fault_option_refused_hint = The details name it: storage class, tags, metadata or encryption. Change it, then retry.
fault_invalid_request = The store refuses the request.
fault_invalid_request_hint = The details say why. Check the profile's region, endpoint and options.
fault_callback_failed = Uploaded, but the callback to your application's server failed.
fault_callback_failed_hint = The object is there and need not be sent again. Check the callback's address.
fault_replaced_after_upload = Uploaded, but now another object is there, or none.
fault_replaced_after_upload_hint = Somebody replaced or deleted it. Look at the bucket before you upload it again.
fault_unknown_answer = The store gave an answer that Ferry does not know.
fault_unknown_answer_hint = Retry. If this lasts, send the details to your provider.

## Files

# $subject (Optional)
fault_source_missing = { The_file } is not there.
fault_source_missing_hint = It was moved, renamed or deleted, or its drive is away. Put it back and retry.
# $subject (Optional)
fault_source_unreadable = { The_file } may not be read.
fault_source_unreadable_hint = Check the file's permissions, and whether another program holds it. Then retry.
# $subject (Optional)
fault_source_not_regular = { The_file } is not a regular file.
fault_source_not_regular_hint = Devices, pipes and sockets cannot be uploaded. It was left out.
# $subject (Optional)
fault_source_is_link = { The_file } is a link inside a folder, and links are not followed there.
fault_source_is_link_hint = Add what it points to by itself, if you want it.
# $subject (Optional)
fault_source_changed = { The_file } changed after it was added.
fault_source_changed_hint = Upload the new version, or leave the file out.
# $subject (Optional)
fault_source_behind_link = { The_file } is behind a link that was not there when it was added.
fault_source_behind_link_hint = Such a link is not followed. Put the file back and retry, or cancel and add what the link points to.
# $subject (Optional)
fault_source_read_failed = { The_file } could not be read to its end.
fault_source_read_failed_hint = Check the disk or the network drive, then retry.
# $subject (Optional)
fault_volume_missing = The disk or network folder with { the_file } is not there.
fault_volume_missing_hint = Connect it again. What waits for it goes on by itself.
# $subject (Optional)
fault_folder_missing = { The_folder }, which is watched, is not there.
fault_folder_missing_hint = Connect its disk or share again, or move it back. The watch then takes files again.
fault_watch_limit = The system reports changes in no more folders.
fault_watch_limit_hint = New files are found when the whole folder is looked at, every few minutes. On Linux, raise fs.inotify.max_user_watches to find them at once.
fault_too_many_open_files = This computer has too many files open.
fault_too_many_open_files_hint = Ferry tries again by itself. If this lasts, close other programs, or raise the limit on open files.
# $subject (Optional)
fault_empty_folder = { The_folder } has no files in it.
fault_empty_folder_hint = There is nothing to upload from it.
# $subject (Optional)
fault_name_not_unicode = { The_file } has a name that is no valid text.
fault_name_not_unicode_hint = Rename the file and add it again.
# $subject (Optional)
fault_key_collision = Another file added with it already goes to { the_object }.
fault_key_collision_hint = Rename one of the two, or add them one after the other.

## Ferry itself

fault_disk_full = The disk that holds Ferry's list of uploads is full.
fault_disk_full_hint = Free some space: nothing in the list is lost, and Ferry goes on by itself.
# $subject (Optional)
fault_file_not_written = { The_file } could not be written.
fault_file_not_written_hint = Choose another folder, or free some space.
fault_journal_broken = Ferry's list of uploads cannot be read or written.
fault_journal_broken_hint = Check the disk, and the permissions of Ferry's data folder. Ferry tries again by itself.
fault_journal_busy = Another Ferry is using this list of uploads.
fault_journal_busy_hint = Close its window, or wait until the other command has ended. Then try again.
# $subject (Optional)
fault_no_such_profile = { The_profile } is not among the profiles.
fault_no_such_profile_hint = `ferry profile list` shows them.
# $subject (Optional)
fault_no_such_batch = There is no batch { $subject }.
fault_no_such_batch_hint = `ferry history` shows their numbers.
# $subject (Optional)
fault_no_such_watch = No watch has the number or folder { $subject }.
fault_no_such_watch_hint = `ferry watch list` shows them.
# $subject (Optional)
fault_invalid_input = { The_input } cannot be used here.
fault_invalid_input_hint = Correct it and try again.
fault_desktop_refused = The desktop did not do it.
fault_desktop_refused_hint = The details say what it said. Uploads are not affected.
fault_updates_unreachable = Ferry could not look for a newer version.
fault_updates_unreachable_hint = Check the network, and try again later. Uploads are not affected.
fault_update_refused = What was offered as a newer Ferry is not signed as one, or cannot be read.
fault_update_refused_hint = Nothing was installed. Please report the details.
fault_internal = Something went wrong inside Ferry.
fault_internal_hint = Nothing is lost: retry, and please report the details.

## Where more is known

# $endpoint (String)
fault_hint_endpoint = The store names another endpoint: { $endpoint }. Set it in the profile.
# $region (String)
fault_hint_region = The store names the region { $region }. Set it in the profile.
# $permission (String)
fault_hint_permission = Ask the owner of the bucket for the permission { $permission }.
fault_hint_changed_request = A proxy or security program may do this. Try https, another network, or ask who runs the proxy.
# $span (String) as "2 hours and 3 minutes"
fault_clock_slow = This computer's clock is { $span } slow.
# $span (String)
fault_clock_fast = This computer's clock is { $span } fast.
fault_secret_wrong = The AccessKey secret is wrong.
# $parts (String) parts of a request, as "path, query"
fault_request_changed = The request was changed on its way to the store ({ $parts }).

## What a comparison of signatures showed

signature_same_text = Both sides signed the same text: the secrets differ.
# $parts (String)
signature_changed = The request arrived changed: { $parts }.
signature_unknown = The store does not tell what it signed.

request_part_method = method
request_part_path = path
request_part_query = query
# $name (String)
request_part_header = header { $name }
request_part_payload = hash of the body
request_part_time = time
request_part_region = region
request_part_unnamed = unknown where
