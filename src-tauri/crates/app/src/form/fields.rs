//! The fields of the page's forms, each described once: its name, what it takes, and when it is
//! there. The page has them as data, `ui/src/bindings/Fields.ts`, which a test here writes (as those
//! of ts-rs write types), and renders them from it; their words are in the catalogue under the same
//! names.

use ferry_model::options::{OSS_ACLS, OSS_CLASSES, S3_ACLS, S3_CLASSES};
use ferry_model::profile::PlainHttp;
use ferry_model::{
    Addressing, CallbackBody, ExistingChoice, IntegrityChoice, KeyForm, ObjectHeader, Provider,
    SignVersion, Timeouts,
};
use serde::Serialize;
use ts_rs::TS;

use crate::messages::{EncryptionChoice, OptionsForm, ProfileForm};

/// One field of a form.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
struct Field {
    /// Its name in the form. Its label, hint and unit in the catalogue begin with it, and so does
    /// the name by which tests find it.
    name: &'static str,
    /// What it takes.
    #[serde(flatten)]
    control: Control,
    /// The message that says what it takes, where that is not `rules` and its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    rule: Option<&'static str>,
    /// The only dialect that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    provider: Option<Provider>,
    /// It is there while another field says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    when: Option<When>,
    /// Whether its label says that it may be empty.
    #[serde(skip_serializing_if = "is_not")]
    #[ts(as = "Option<bool>", optional)]
    optional: bool,
    /// Whether it has a line of its own.
    #[serde(skip_serializing_if = "is_not")]
    #[ts(as = "Option<bool>", optional)]
    wide: bool,
}

/// What a field takes.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
enum Control {
    /// One line of text.
    Text,
    /// One of these values, of each dialect; the first one is what a new form has.
    Choice {
        /// Those of OSS.
        oss: Vec<String>,
        /// Those of S3.
        s3: Vec<String>,
        /// The dialect whose stores have other values too, which are typed.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        open: Option<Provider>,
    },
    /// A whole number; 0 shows as nothing, because it means so.
    Digits {
        /// What one of it counts in the form.
        unit: u32,
    },
    /// Names with values.
    Pairs,
    /// Yes or no.
    Check,
}

/// When a field is there.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
struct When {
    /// The field that says so.
    field: &'static str,
    /// What that has to be; where nothing is named, anything but empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    is: Option<&'static str>,
}

/// For `skip_serializing_if`, which hands over a reference.
fn is_not(flag: &bool) -> bool {
    !*flag
}

impl Field {
    fn new(name: &'static str, control: Control) -> Self {
        Self { name, control, rule: None, provider: None, when: None, optional: false, wide: false }
    }

    fn text(name: &'static str) -> Self {
        Self::new(name, Control::Text)
    }

    /// A choice with the same values for both dialects.
    fn choice<T: Serialize>(name: &'static str, values: &[T]) -> Self {
        let word = |value| match serde_json::json!(value) {
            serde_json::Value::String(word) => word,
            other => panic!("{other} is no word"),
        };
        let values: Vec<String> = values.iter().map(word).collect();
        Self::new(name, Control::Choice { oss: values.clone(), s3: values, open: None })
    }

    /// A choice that each dialect has its own values for; none is the first of them.
    fn own_choice(name: &'static str, oss: &[&str], s3: &[&str], open: Option<Provider>) -> Self {
        let or_none =
            |values: &[&str]| [""].iter().chain(values).map(|it| (*it).to_owned()).collect();
        Self::new(name, Control::Choice { oss: or_none(oss), s3: or_none(s3), open })
    }

    fn digits(name: &'static str, unit: u32) -> Self {
        Self::new(name, Control::Digits { unit })
    }

    fn pairs(name: &'static str) -> Self {
        Self::new(name, Control::Pairs).wide()
    }

    fn check(name: &'static str) -> Self {
        Self::new(name, Control::Check).wide()
    }

    fn of(self, provider: Provider) -> Self {
        Self { provider: Some(provider), ..self }
    }

    fn when(self, field: &'static str, is: Option<&'static str>) -> Self {
        Self { when: Some(When { field, is }), ..self }
    }

    fn rule(self, rule: &'static str) -> Self {
        Self { rule: Some(rule), ..self }
    }

    fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    fn wide(self) -> Self {
        Self { wide: true, ..self }
    }
}

/// What objects shall be like: the fields of [`OptionsForm`].
fn options() -> Vec<Field> {
    use EncryptionChoice::{Aes256, Bucket, Kms};
    let callback = |field: Field| field.of(Provider::Oss).when("callbackUrl", None);
    let headers = ObjectHeader::all().map(|it| Field::text(it.field()).rule("options.header"));
    [
        Field::own_choice("storageClass", OSS_CLASSES, S3_CLASSES, Some(Provider::S3)),
        Field::own_choice("acl", OSS_ACLS, S3_ACLS, None),
        Field::choice("encryption", &[Bucket, Aes256, Kms]),
        Field::text("kmsKeyId").when("encryption", Some("kms")).optional(),
    ]
    .into_iter()
    .chain(headers)
    .chain([
        Field::digits("trafficLimit", 1024).of(Provider::Oss),
        Field::pairs("metadata"),
        Field::pairs("tags"),
        Field::check("sha256"),
        Field::text("callbackUrl").of(Provider::Oss).optional().wide(),
        callback(Field::text("callbackBody")),
        callback(Field::choice("callbackBodyType", &[CallbackBody::Form, CallbackBody::Json])),
        callback(Field::pairs("callbackVariables")),
    ])
    .collect()
}

/// What happens to an object that is there: of a profile, and of a batch.
fn existing() -> Field {
    use ExistingChoice::{Ask, Overwrite, Rename, Settings, Skip, SkipIdentical};
    Field::choice("existing", &[Settings, Ask, Skip, SkipIdentical, Overwrite, Rename])
}

/// How names become keys, beside the template.
fn names() -> Vec<Field> {
    vec![Field::choice("keyForm", &[KeyForm::Nfc, KeyForm::AsIs])]
}

/// How a profile's store is spoken to, beside its limit and its network.
fn connection() -> Vec<Field> {
    use Addressing::{Auto, Cname, Path, Virtual};
    use IntegrityChoice::{Settings, Standard, Strict};
    vec![
        Field::choice("addressing", &[Auto, Virtual, Path, Cname]),
        Field::choice("sign", &[SignVersion::V4, SignVersion::V1]).of(Provider::Oss),
        Field::choice("integrity", &[Settings, Standard, Strict]),
        Field::choice("plainHttp", &[PlainHttp::Refuse, PlainHttp::Allow]).wide(),
        Field::digits("connectSeconds", 1).optional(),
        Field::digits("idleSeconds", 1).optional(),
        Field::digits("connections", 1).optional(),
        Field::text("linkDomain").optional(),
    ]
}

/// The module of the page, as ts-rs would write one.
fn module() -> String {
    let lines = |fields: &[Field]| {
        let line = |field| format!("  {},\n", serde_json::to_string(field).expect("serializes"));
        fields.iter().map(line).collect::<String>()
    };
    let blank = ProfileForm::blank(Provider::Oss);
    let mut text = "\
// This file was generated from src-tauri/crates/app/src/form/fields.rs. Do not edit this file \
manually.

import type { Field } from \"./Field\";
import type { ProfileForm } from \"./ProfileForm\";
"
    .to_owned();
    for (name, what, fields) in [
        ("OPTION_FIELDS", "What objects shall be like", options()),
        ("EXISTING_FIELDS", "What happens to an object that is there", vec![existing()]),
        ("NAME_FIELDS", "How names become keys, beside the template", names()),
        (
            "CONNECTION_FIELDS",
            "How a profile's store is spoken to, beside its limit and its network",
            connection(),
        ),
    ] {
        text.push_str(&format!(
            "\n/** {what}. */\nexport const {name}: readonly Field[] = [\n{}];\n",
            lines(&fields)
        ));
    }
    text.push_str(&format!(
        "\n/** A new profile's form. To be copied. */\nexport const BLANK_PROFILE: ProfileForm = {};\n",
        serde_json::to_string(&blank).expect("serializes")
    ));
    let Timeouts { connect_seconds, idle_seconds } = Timeouts::default();
    text.push_str(&format!(
        "\n/** How long is waited for a store where neither profile nor settings say otherwise. */\n\
        export const USUAL_TIMEOUTS = \
        {{ connectSeconds: {connect_seconds}, idleSeconds: {idle_seconds} }} as const;\n"
    ));
    text
}

#[test]
fn export_bindings_fields() {
    let folder = std::env::var_os("TS_RS_EXPORT_DIR").expect("cargo's configuration names it");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    std::fs::write(std::path::Path::new(&folder).join("Fields.ts"), module())
        .expect("the folder can be written to");
}

/// The fields of a form by its own serialization.
fn fields_of(form: &impl Serialize) -> Vec<String> {
    let form = serde_json::to_value(form).expect("serializes");
    form.as_object().expect("a form has fields").keys().cloned().collect()
}

#[test]
fn every_option_has_one_description() {
    let mut described: Vec<String> = options().iter().map(|it| it.name.to_owned()).collect();
    described.sort();
    let mut fields = fields_of(&OptionsForm::default());
    fields.sort();
    assert_eq!(described, fields);
}

#[test]
fn what_is_described_is_in_the_form_and_takes_every_value() {
    let options_form = serde_json::json!(OptionsForm::default());
    let profile = serde_json::json!(ProfileForm::blank(Provider::Oss));
    let of_profile = [vec![existing()], names(), connection()].concat();
    for (field, form) in options()
        .iter()
        .map(|field| (field, &options_form))
        .chain(of_profile.iter().map(|field| (field, &profile)))
    {
        let name = field.name;
        if let Some(When { field: other, .. }) = field.when {
            assert!(form.get(other).is_some(), "{name}: {other}");
        }
        let Control::Choice { oss, s3, .. } = &field.control else {
            assert!(form.get(name).is_some(), "{name}");
            continue;
        };
        assert_eq!(form[name], oss[0], "{name}: a new form has the first value");
        for value in oss.iter().chain(s3) {
            let mut with = form.clone();
            with[name] = value.as_str().into();
            let read = if form == &profile {
                serde_json::from_value::<ProfileForm>(with).map(drop)
            } else {
                serde_json::from_value::<OptionsForm>(with).map(drop)
            };
            assert!(read.is_ok(), "{name}: {value}: {read:?}");
        }
    }
}

#[test]
fn every_field_has_its_words_in_every_language() {
    for language in ferry_model::Language::ALL {
        let page = language.page().join("\n");
        let said = |id: &str| page.lines().any(|line| line.starts_with(&format!("{id} =")));
        for (group, fields) in [
            ("options", options()),
            ("form", vec![existing()]),
            ("names", names()),
            ("connection", connection()),
        ] {
            for field in fields {
                let id = format!("{group}_{}", field.name);
                assert!(said(&id), "{}: {id}", language.code());
                let Control::Choice { oss, open, .. } = &field.control else { continue };
                let choices = format!("{group}_choices_{}", field.name);
                for value in oss {
                    let value = if value.is_empty() { "none" } else { value };
                    assert!(said(&format!("{choices}_{value}")), "{choices}_{value}");
                }
                let typed = format!("{group}_others_{}", field.name);
                assert!(open.is_none() || said(&format!("{choices}_other")), "{choices}_other");
                assert!(open.is_none() || said(&typed), "{typed}");
            }
        }
    }
}
