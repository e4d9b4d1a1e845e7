### Receipts: what became of what was dropped, and of the objects since.

# $files (Number) dropped
# $verified (Number)
# $skipped (Number)
# $failed (Number)
# $open (Number)
receipt_counts = { $files } dropped = { $verified } uploaded and verified + { $skipped } left out + { $failed } failed + { $open } not done
receipt_safe = Safe to delete the local files: yes, each of them is on the store and verified.
# $why (String) reasons, as "2 failed, 1 was left out"
receipt_not_safe = Safe to delete the local files: no, because { $why }.

## Why local files must not be deleted, as they follow "because"

unsafe_adding = files are still being added
unsafe_empty = no file was added
# $count (Number)
unsafe_open =
    { $count ->
        [one] { $count } is not done yet
       *[other] { $count } are not done yet
    }
# $count (Number)
unsafe_failed = { $count } failed or wait for a decision
# $count (Number)
unsafe_left_out =
    { $count ->
        [one] { $count } was left out
       *[other] { $count } were left out
    }
# $count (Number)
unsafe_differs =
    { $count ->
        [one] { $count } has other content on the store by now
       *[other] { $count } have other content on the store by now
    }
# $count (Number)
unsafe_gone =
    { $count ->
        [one] { $count } is no longer on the store
       *[other] { $count } are no longer on the store
    }
# $count (Number)
unsafe_unproven =
    { $count ->
        [one] { $count } is there without a proof of its content
       *[other] { $count } are there without a proof of their content
    }
# $count (Number)
unsafe_unanswered = the store did not tell of { $count }

## What asking the store again found

recheck_same = Still what was verified.
recheck_other_version = The same content, in another version.
recheck_differs = Other content is there now.
recheck_unproven = Something is there; the store tells nothing that proves its content.
recheck_gone = No longer there.
# $asked (Number)
# $same (Number)
# $other_version (Number)
# $differs (Number)
# $gone (Number)
# $unknown (Number)
recheck_counts = { $asked } asked for = { $same } still what was verified + { $other_version } in another version + { $differs } different + { $gone } gone + { $unknown } not known

## Lists of digests

left_out_no_digest = its digest was not computed while it was uploaded
left_out_changed = it has changed since it was uploaded
left_out_no_proof = nothing tells whether it still is what was uploaded
left_out_name = its name cannot stand in a Media Hash List
# $count (Number)
digests_missing =
    { $count ->
        [one] { $count } uploaded file is not in the list. --read-files computes digests from the local files.
       *[other] { $count } uploaded files are not in the list. --read-files computes digests from the local files.
    }
# $count (Number)
digests_left_out =
    { $count ->
        [one] { $count } uploaded file is not in the list.
       *[other] { $count } uploaded files are not in the list.
    }
# $folder (String)
mhl_root = The list's paths are below { $folder }.

# Of a file in the list of a receipt.
receipt_replaced = replaced by a newer version of the file
