//! Which messages tell of each kind of fault: one row for each; the build fails where one is
//! missing. The catalogue has their words (`messages/*/faults.ftl` of `ferry-text`).

use ferry_text::{Text, message};

use crate::fault::FaultKind;

/// Makes the two functions from the rows.
macro_rules! rows {
    ($subject:ident; $($kind:ident: $sentence:ident($($named:ident)?), $hint:ident;)*) => {
        /// What happened; the subject is what the fault is about, where that is known.
        pub(crate) fn sentence(kind: FaultKind, $subject: Option<&str>) -> Text {
            match kind { $(FaultKind::$kind => message::$sentence($($named)?),)* }
        }

        /// What to do about it.
        pub(crate) fn hint(kind: FaultKind) -> Text {
            match kind { $(FaultKind::$kind => message::$hint(),)* }
        }
    };
}

rows! { subject;
    Unreachable: fault_unreachable(subject), fault_unreachable_hint;
    ConnectionLost: fault_connection_lost(), fault_connection_lost_hint;
    Stalled: fault_stalled(), fault_stalled_hint;
    NotStore: fault_not_store(), fault_not_store_hint;
    TlsFailed: fault_tls_failed(subject), fault_tls_failed_hint;
    CertificateUntrusted: fault_certificate_untrusted(subject), fault_certificate_untrusted_hint;
    CaFileUnusable: fault_ca_file_unusable(subject), fault_ca_file_unusable_hint;
    ProxyInvalid: fault_proxy_invalid(subject), fault_proxy_invalid_hint;
    ProxyUnreachable: fault_proxy_unreachable(subject), fault_proxy_unreachable_hint;
    ProxyBroke: fault_proxy_broke(subject), fault_proxy_broke_hint;
    ProxySignIn: fault_proxy_sign_in(subject), fault_proxy_sign_in_hint;
    ProxyRefused: fault_proxy_refused(subject), fault_proxy_refused_hint;
    ServerError: fault_server_error(), fault_server_error_hint;
    Throttled: fault_throttled(), fault_throttled_hint;
    ObjectBusy: fault_object_busy(), fault_object_busy_hint;
    RequestTimeout: fault_request_timeout(), fault_request_timeout_hint;

    BadAccessKey: fault_bad_access_key(), fault_bad_access_key_hint;
    BadSignature: fault_bad_signature(), fault_bad_signature_hint;
    TokenExpired: fault_token_expired(), fault_token_expired_hint;
    AccessDenied: fault_access_denied(), fault_access_denied_hint;
    ClockSkew: fault_clock_skew(), fault_clock_skew_hint;
    AccountSuspended: fault_account_suspended(), fault_account_suspended_hint;
    StoreFull: fault_store_full(), fault_store_full_hint;
    EncryptionKeyRefused: fault_encryption_key_refused(), fault_encryption_key_refused_hint;
    CredentialsMissing: fault_credentials_missing(), fault_credentials_missing_hint;
    KeyringLocked: fault_keyring_locked(), fault_keyring_locked_hint;
    KeyringAbsent: fault_keyring_absent(), fault_keyring_absent_hint;
    CredentialProcessFailed: fault_credential_process_failed(subject),
        fault_credential_process_failed_hint;

    NoSuchBucket: fault_no_such_bucket(subject), fault_no_such_bucket_hint;
    WrongEndpoint: fault_wrong_endpoint(subject), fault_wrong_endpoint_hint;
    WrongRegion: fault_wrong_region(subject), fault_wrong_region_hint;
    RegionMissing: fault_region_missing(), fault_region_missing_hint;
    AddressingRefused: fault_addressing_refused(subject), fault_addressing_refused_hint;
    InvalidEndpoint: fault_invalid_endpoint(subject), fault_invalid_endpoint_hint;
    InvalidBucketName: fault_invalid_bucket_name(subject), fault_invalid_bucket_name_hint;
    InsecureEndpoint: fault_insecure_endpoint(subject), fault_insecure_endpoint_hint;

    NoSuchKey: fault_no_such_key(subject), fault_no_such_key_hint;
    UploadGone: fault_upload_gone(), fault_upload_gone_hint;
    PartsRefused: fault_parts_refused(), fault_parts_refused_hint;
    PartTooSmall: fault_part_too_small(), fault_part_too_small_hint;
    TooLarge: fault_too_large(subject), fault_too_large_hint;
    KeyInvalid: fault_key_invalid(subject), fault_key_invalid_hint;
    AlreadyExists: fault_already_exists(), fault_already_exists_hint;
    OptionsDiffer: fault_options_differ(subject), fault_options_differ_hint;
    Immutable: fault_immutable(subject), fault_immutable_hint;
    DigestRefused: fault_digest_refused(), fault_digest_refused_hint;
    ChecksumMismatch: fault_checksum_mismatch(), fault_checksum_mismatch_hint;
    DamagedObject: fault_damaged_object(subject), fault_damaged_object_hint;
    TokenEndsBeforeLink: fault_token_ends_before_link(subject), fault_token_ends_before_link_hint;
    Unproven: fault_unproven(), fault_unproven_hint;
    PreconditionFailed: fault_precondition_failed(), fault_precondition_failed_hint;
    Archived: fault_archived(subject), fault_archived_hint;
    Unsupported: fault_unsupported(), fault_unsupported_hint;
    OptionRefused: fault_option_refused(), fault_option_refused_hint;
    InvalidRequest: fault_invalid_request(), fault_invalid_request_hint;
    CallbackFailed: fault_callback_failed(), fault_callback_failed_hint;
    ReplacedAfterUpload: fault_replaced_after_upload(), fault_replaced_after_upload_hint;
    UnknownAnswer: fault_unknown_answer(), fault_unknown_answer_hint;

    SourceMissing: fault_source_missing(subject), fault_source_missing_hint;
    SourceUnreadable: fault_source_unreadable(subject), fault_source_unreadable_hint;
    SourceNotRegular: fault_source_not_regular(subject), fault_source_not_regular_hint;
    SourceIsLink: fault_source_is_link(subject), fault_source_is_link_hint;
    SourceChanged: fault_source_changed(subject), fault_source_changed_hint;
    SourceBehindLink: fault_source_behind_link(subject), fault_source_behind_link_hint;
    SourceReadFailed: fault_source_read_failed(subject), fault_source_read_failed_hint;
    VolumeMissing: fault_volume_missing(subject), fault_volume_missing_hint;
    FolderMissing: fault_folder_missing(subject), fault_folder_missing_hint;
    WatchLimit: fault_watch_limit(), fault_watch_limit_hint;
    TooManyOpenFiles: fault_too_many_open_files(), fault_too_many_open_files_hint;
    EmptyFolder: fault_empty_folder(subject), fault_empty_folder_hint;
    NameNotUnicode: fault_name_not_unicode(subject), fault_name_not_unicode_hint;
    KeyCollision: fault_key_collision(subject), fault_key_collision_hint;

    DiskFull: fault_disk_full(), fault_disk_full_hint;
    FileNotWritten: fault_file_not_written(subject), fault_file_not_written_hint;
    JournalBroken: fault_journal_broken(), fault_journal_broken_hint;
    JournalBusy: fault_journal_busy(), fault_journal_busy_hint;
    NoSuchProfile: fault_no_such_profile(subject), fault_no_such_profile_hint;
    NoSuchBatch: fault_no_such_batch(subject), fault_no_such_batch_hint;
    NoSuchWatch: fault_no_such_watch(subject), fault_no_such_watch_hint;
    InvalidInput: fault_invalid_input(subject), fault_invalid_input_hint;
    DesktopRefused: fault_desktop_refused(), fault_desktop_refused_hint;
    UpdatesUnreachable: fault_updates_unreachable(), fault_updates_unreachable_hint;
    UpdateRefused: fault_update_refused(), fault_update_refused_hint;
    Internal: fault_internal(), fault_internal_hint;
}
