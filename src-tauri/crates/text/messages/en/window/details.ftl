### The details of one file.

details_label = Details
details_destination = Destination
details_folder = From
details_profile = Profile
details_there = On the store
details_here = On this computer
details_acked = Confirmed
# $acked (String)
# $size (String)
# $percent (Number)
details_ackedOf = { $acked } of { $size } ({ $percent }%)
details_parts = Parts
details_single = One request
details_retries = Retries
details_code = Code
details_ec = EC
details_request = Request
details_endpoint = Named endpoint
details_copy = Copy details
details_copied = Copied
details_copyFailed = Could not copy
details_close = Close details
details_speed = Speed
details_started = Started
details_finished = Finished
details_took = Took
details_verifiedBy = Verified by
details_etag = ETag
details_version = Version
details_upload = Upload ID
# What stands under a checksum that the store told as well.
details_same = same on the store
# What stands under one that the store does not tell.
details_onlyHere = computed here only
# $count (Number)
# $all (Number)
details_mapAcknowledged = { $count } of { $all } acknowledged
# $count (Number)
details_mapInFlight = { $count } in flight
# $count (Number)
details_mapRetrying = { $count } to be tried again
# $all (Number)
details_mapVerified = All { $all } parts verified
# $count (Number)
details_mapCell = each cell is { $count } parts
# $first (String)
# $second (String)
details_both = { $first }, { $second }
# $shown (Number)
# $all (Number)
details_lastOf = the last { $shown } of { $all }
# $number (Number)
details_part = part { $number }

## What a file's being verified rests on

proofs_crc64 = CRC-64/XZ of the whole object
proofs_crc64Nvme = CRC-64/NVME of the whole object
proofs_acknowledged = the ETag that was acknowledged
proofs_md5 = MD5 of the whole object, its ETag
proofs_md5OfParts = MD5 of each part, in its ETag
proofs_contentMd5 = Content-MD5 of each request, and its size
