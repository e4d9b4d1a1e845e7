//! The messages about profiles: what their form edits, how it is understood, and where their keys
//! are.

use ferry_model::{
    Addressing, ExistingChoice, IntegrityChoice, KeyForm, Network, Provider, ProxyMode,
    SignVersion,
    profile::{PlainHttp, ProfileColour},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{LimitForm, OptionsForm, Problem, Words};

/// Where a profile's AccessKey is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum SecretPlace {
    /// In the system's keyring.
    Keyring,
    /// In memory, until Ferry ends.
    ThisRunOnly,
    /// In the environment of this process.
    Environment,
    /// A command prints it.
    Command,
    /// Nowhere.
    Missing,
    /// The keyring did not answer.
    Unknown,
}

/// A profile as the window shows it. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProfileView {
    /// Its number.
    #[ts(type = "number")]
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether it is the practice bucket of this computer.
    pub practice: bool,
    /// What the form edits.
    pub form: ProfileForm,
    /// By which it is known at a glance.
    pub colour: ProfileColour,
    /// Where its AccessKey is.
    pub secret: SecretPlace,
    /// The AccessKey id with its middle left out, as `LTAI…wxyz`; null if none.
    pub access_key_hint: Option<String>,
    /// When its STS token ends, milliseconds since 1970; null if it does not, or that is not known.
    #[ts(type = "number | null")]
    pub token_ends_ms: Option<i64>,
}

/// Where a profile's AccessKey comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum KeySourceChoice {
    /// Typed in or imported, kept in the system's keyring.
    #[default]
    Keyring,
    /// This process's environment.
    Environment,
    /// What a command prints.
    Process,
}

/// How a store is reached: of one profile, or of all that say nothing of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct NetworkForm {
    /// Where the proxy comes from.
    pub proxy: ProxyMode,
    /// The proxy, as `http://proxy.example.com:3128`; of `manual` only.
    pub proxy_server: String,
    /// The user who signs in at it; empty for none. The password is in the keyring.
    pub proxy_user: String,
    /// Hosts that are reached without it, separated by commas.
    pub direct_hosts: String,
    /// A PEM file with authorities that are trusted beside the system's; empty for none.
    pub ca_file: String,
}

impl From<NetworkForm> for Network {
    fn from(form: NetworkForm) -> Self {
        let NetworkForm { proxy, proxy_server, proxy_user, direct_hosts, ca_file } = form;
        Self { proxy, proxy_server, proxy_user, direct_hosts, ca_file }
    }
}

impl From<Network> for NetworkForm {
    fn from(network: Network) -> Self {
        let Network { proxy, proxy_server, proxy_user, direct_hosts, ca_file } = network;
        Self { proxy, proxy_server, proxy_user, direct_hosts, ca_file }
    }
}

/// What the profile form edits, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProfileForm {
    /// Name.
    pub name: String,
    /// Provider.
    pub provider: Provider,
    /// Endpoint, region id, or a pasted URL.
    pub endpoint: String,
    /// Region id; empty where the endpoint tells.
    pub region: String,
    /// Bucket.
    pub bucket: String,
    /// Prefix.
    pub prefix: String,
    /// How the bucket is named in the URL.
    pub addressing: Addressing,
    /// Which signature OSS requests carry.
    pub sign: SignVersion,
    /// How much is checked.
    pub integrity: IntegrityChoice,
    /// What happens when an object exists.
    pub existing: ExistingChoice,
    /// Whether plain http is allowed.
    pub plain_http: PlainHttp,
    /// Where the AccessKey comes from.
    pub key_source: KeySourceChoice,
    /// The command that prints it, where one does.
    pub key_command: String,
    /// What the objects of a new batch are like.
    pub options: OptionsForm,
    /// The key template, as `{prefix}{dir}{name}`.
    pub key_template: String,
    /// Whether names are composed first.
    pub key_form: KeyForm,
    /// Seconds for a connection to stand; 0 for as the settings say.
    pub connect_seconds: u32,
    /// Seconds without progress after which a request is given up; 0 for as the settings say.
    pub idle_seconds: u32,
    /// Most requests side by side; 0 for the app's own limit alone.
    pub connections: u32,
    /// A custom domain for public links, as `https://img.example.com`; empty for the bucket's own
    /// address.
    pub link_domain: String,
    /// How the store is reached.
    pub network: NetworkForm,
    /// How fast all transfers of the profile together may be, within the settings' limit.
    pub limit: LimitForm,
}

impl ProfileForm {
    /// A form with every choice at its default, and nothing typed.
    pub fn blank(provider: Provider) -> Self {
        let limits = ferry_model::ConnectionLimits::default();
        Self {
            name: String::new(),
            provider,
            endpoint: String::new(),
            region: String::new(),
            bucket: String::new(),
            prefix: String::new(),
            addressing: Addressing::Auto,
            sign: SignVersion::V4,
            integrity: IntegrityChoice::Settings,
            existing: ExistingChoice::Settings,
            plain_http: PlainHttp::Refuse,
            key_source: KeySourceChoice::Keyring,
            key_command: String::new(),
            options: OptionsForm::default(),
            key_template: ferry_model::template::DEFAULT_TEMPLATE.to_owned(),
            key_form: KeyForm::Nfc,
            connect_seconds: limits.connect_seconds,
            idle_seconds: limits.idle_seconds,
            connections: limits.connections,
            link_domain: String::new(),
            network: NetworkForm::default(),
            limit: LimitForm::default(),
        }
    }
}

/// An AccessKey as typed. Goes in only, never comes back.
#[derive(Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SecretInput {
    /// AccessKey id.
    pub access_key_id: String,
    /// AccessKey secret.
    pub access_key_secret: String,
    /// STS token; empty for none.
    pub security_token: String,
    /// When the token ends, milliseconds since 1970; null if that is not known.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub expires_ms: Option<i64>,
}

impl std::fmt::Debug for SecretInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretInput(…)")
    }
}

/// The AccessKey that a form comes with. Goes in only, never comes back.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum KeyInput {
    /// As typed.
    Typed {
        /// The key.
        secret: SecretInput,
    },
    /// As another tool has it.
    Imported {
        /// The candidate's number.
        id: u32,
    },
}

/// The secrets that a form comes with. Go in only, never come back.
#[derive(Clone, Default, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SecretsInput {
    /// The AccessKey; null for the one that is stored.
    pub key: Option<KeyInput>,
    /// The password of the proxy's user; empty for the one that is stored.
    pub proxy_password: String,
}

impl std::fmt::Debug for SecretsInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretsInput(…)")
    }
}

/// What a profile form means, before it is saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FormReading {
    /// The form with everything understood filled in: endpoint with scheme, region, bucket and
    /// prefix from a pasted URL.
    pub form: ProfileForm,
    /// Where an object named `example.txt` would go.
    pub example_url: String,
    /// The file of the template's preview, as it lies in a dropped folder.
    pub example_file: String,
    /// The key it would get today; empty while the template cannot be used.
    pub example_key: String,
    /// What is wrong, by field: `name`, `endpoint`, `region`, `bucket`, `prefix`, `keyTemplate`,
    /// `keyCommand`, `connectSeconds`, `idleSeconds`, `connections`, `linkDomain`, `limit`,
    /// `network.proxyServer`, `network.caFile`, and `options.…` with the field's name in
    /// [`OptionsForm`].
    pub problems: Vec<FieldProblem>,
    /// What the user should know about the address, though nothing is wrong with it.
    pub remarks: Vec<Words>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FieldProblem {
    /// The field's name in [`ProfileForm`].
    pub field: String,
    /// What is wrong.
    pub problem: Problem,
}

/// How a save went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SavedProfile {
    /// The profile's number.
    #[ts(type = "number")]
    pub id: i64,
    /// Where the secret is now.
    pub secret: SecretPlace,
    /// Why the secret is not in the keyring, if it is not.
    pub keyring_problem: Option<Problem>,
}

/// How "Test connection" went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum TestOutcome {
    /// A write under the prefix was begun and taken back.
    Passed {
        /// What was done, in a sentence.
        sentence: Words,
        /// Seconds the computer's clock is behind the store's; negative if ahead.
        #[ts(type = "number")]
        clock_offset_seconds: i64,
    },
    /// What is wrong.
    Failed {
        /// In a sentence, with what to do.
        problem: Problem,
    },
}

/// Where a secret from the form is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum SaveSecret {
    /// In the system's keyring.
    Keyring,
    /// In memory, until Ferry ends.
    ThisRunOnly,
}
