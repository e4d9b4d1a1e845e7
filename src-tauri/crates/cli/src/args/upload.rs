//! How files become objects: what one put may say, and what a profile keeps for all puts.

use std::collections::BTreeMap;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use ferry_app::OptionChanges;
use ferry_app::messages::EncryptionChoice;
use ferry_app::model::{
    Callback, CallbackBody, Encryption, ExistingPolicy, Fault, FaultKind, FileDigest, Integrity,
    ObjectHeader, Pair, size,
};

/// Shared by `ferry put` and `ferry profile add`: what is not said stays as the profile, or Ferry
/// itself, has it.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct UploadArguments {
    /// What happens when an object of that name exists [default: the profile's, else ask]
    #[arg(long, value_name = "ask|skip|overwrite|rename|skip-identical")]
    pub(crate) existing: Option<ExistingPolicy>,
    /// How much is checked [default: the profile's, else standard]
    #[arg(long, value_name = "standard|strict")]
    pub(crate) integrity: Option<Integrity>,
    /// How keys are made, with {prefix} {dir} {name} {stem} {ext} {yyyy} {mm} {dd} {hash8}
    /// [default: the profile's, else {prefix}{dir}{name}]
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) key_template: Option<String>,
    /// Storage class in the store's own word, as IA or STANDARD_IA
    #[arg(long, value_name = "CLASS", help_heading = OBJECTS)]
    pub(crate) storage_class: Option<String>,
    /// The objects' ACL, as private or public-read
    #[arg(long, value_name = "ACL", help_heading = OBJECTS)]
    pub(crate) acl: Option<String>,
    /// Whose key encrypts the objects on the store
    #[arg(long, value_name = "bucket|aes256|kms", value_parser = encryption, help_heading = OBJECTS)]
    pub(crate) encryption: Option<EncryptionChoice>,
    /// The key service's key, for --encryption kms [default: the service's own]
    #[arg(long, value_name = "ID", requires = "encryption", help_heading = OBJECTS)]
    pub(crate) kms_key_id: Option<String>,
    /// The headers that are stored with the objects.
    #[command(flatten)]
    pub(crate) headers: HeaderArguments,
    /// User metadata; may be given several times
    #[arg(long = "meta", value_name = "NAME=VALUE", help_heading = OBJECTS)]
    pub(crate) metadata: Vec<Pair>,
    /// A tag; may be given several times
    #[arg(long = "tag", value_name = "NAME=VALUE", help_heading = OBJECTS)]
    pub(crate) tags: Vec<Pair>,
    /// The file's SHA-256 as metadata: each file is read once before its first byte is sent
    #[arg(long, value_name = "on|off", value_parser = digest, num_args = 0..=1, require_equals = true, default_missing_value = "on",
        help_heading = OBJECTS)]
    pub(crate) sha256: Option<FileDigest>,
    /// OSS: most bytes a second of one connection, kept to by the store, as 1MiB/s; 0 for none
    #[arg(long, value_parser = size::parse_bytes, value_name = "RATE", help_heading = OBJECTS)]
    pub(crate) traffic_limit: Option<u64>,
    /// OSS: calls this address once an object is there; up to five, separated by ;
    #[arg(long, value_name = "URL", requires = "callback_body", help_heading = OBJECTS)]
    pub(crate) callback_url: Option<String>,
    /// What it says there, with ${bucket}, ${object}, ${size}, ${etag}, ${x:NAME} to be filled in
    #[arg(long, value_name = "TEXT", requires = "callback_url", help_heading = OBJECTS)]
    pub(crate) callback_body: Option<String>,
    /// How that is typed [default: form]
    #[arg(long, value_name = "form|json", value_parser = body_type, requires = "callback_url", help_heading = OBJECTS)]
    pub(crate) callback_body_type: Option<CallbackBody>,
    /// A parameter of its own; may be given several times
    #[arg(long = "callback-var", value_name = "x:NAME=VALUE", requires = "callback_url", help_heading = OBJECTS)]
    pub(crate) callback_variables: Vec<Pair>,
}

const OBJECTS: &str = "Options of the objects";

impl UploadArguments {
    /// What one put changes of its profile's options.
    ///
    /// # Errors
    /// [`FaultKind::InvalidInput`] where two options contradict each other.
    pub(crate) fn changes(&self) -> Result<OptionChanges, Fault> {
        self.check()?;
        Ok(OptionChanges {
            storage_class: self.storage_class.clone(),
            acl: self.acl.clone(),
            encryption: self.encryption.map(|choice| match choice {
                EncryptionChoice::Bucket => Encryption::Bucket,
                EncryptionChoice::Aes256 => Encryption::Aes256,
                EncryptionChoice::Kms => {
                    Encryption::Kms { key_id: self.kms_key_id.clone().unwrap_or_default() }
                }
            }),
            headers: self.headers.0.clone(),
            metadata: self.metadata.clone(),
            tags: self.tags.clone(),
            traffic_limit: self.traffic_limit,
            callback: self.callback_url.clone().map(|url| Callback {
                url,
                body: self.callback_body.clone().unwrap_or_default(),
                body_type: self.callback_body_type.unwrap_or_default(),
                variables: self.callback_variables.clone(),
            }),
            digest: self.sha256,
        })
    }

    /// A key that encrypts nothing was meant for something.
    fn check(&self) -> Result<(), Fault> {
        match (&self.kms_key_id, self.encryption) {
            (None, _) | (_, Some(EncryptionChoice::Kms)) => Ok(()),
            _ => Err(Fault::new(FaultKind::InvalidInput)
                .with_subject("--kms-key-id")
                .with_detail("it goes with --encryption kms")),
        }
    }
}

/// A flag for each header that is stored with an object.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeaderArguments(pub(crate) BTreeMap<ObjectHeader, String>);

impl Args for HeaderArguments {
    fn augment_args(command: Command) -> Command {
        command.args(ObjectHeader::all().map(|header| {
            Arg::new(header.name())
                .long(header.name())
                .value_name("TEXT")
                .help(header.about())
                .help_heading(OBJECTS)
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for HeaderArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |header: ObjectHeader| {
            Some((header, matches.get_one::<String>(header.name())?.clone()))
        };
        Ok(Self(ObjectHeader::all().filter_map(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.extend(Self::from_arg_matches(matches)?.0);
        Ok(())
    }
}

fn encryption(text: &str) -> Result<EncryptionChoice, String> {
    one_of(
        text,
        &[
            ("bucket", EncryptionChoice::Bucket),
            ("aes256", EncryptionChoice::Aes256),
            ("kms", EncryptionChoice::Kms),
        ],
    )
}

fn body_type(text: &str) -> Result<CallbackBody, String> {
    one_of(text, &[("form", CallbackBody::Form), ("json", CallbackBody::Json)])
}

fn digest(text: &str) -> Result<FileDigest, String> {
    one_of(text, &[("on", FileDigest::Sha256), ("off", FileDigest::None)])
}

/// The value that a word stands for.
pub(super) fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let found = words.iter().find(|(word, _)| *word == text);
    found
        .map(|(_, value)| *value)
        .ok_or_else(|| format!("“{text}” is none of {}", known.join(", ")))
}
