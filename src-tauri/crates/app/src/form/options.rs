//! A batch's options as a form, and back.

use ferry_model::{BatchOptions, Callback, Encryption, FileDigest, ObjectHeader, Pair};

use crate::messages::{EncryptionChoice, NameValue, OptionsForm};

/// The options that a form means: texts trimmed, rows without a name left out.
pub(crate) fn options(form: &OptionsForm) -> BatchOptions {
    let text = |text: &str| text.trim().to_owned();
    let callback = Callback {
        url: text(&form.callback_url),
        body: text(&form.callback_body),
        body_type: form.callback_body_type,
        variables: pairs(&form.callback_variables),
    };
    BatchOptions {
        storage_class: text(&form.storage_class),
        acl: text(&form.acl),
        encryption: match form.encryption {
            EncryptionChoice::Bucket => Encryption::Bucket,
            EncryptionChoice::Aes256 => Encryption::Aes256,
            EncryptionChoice::Kms => Encryption::Kms { key_id: text(&form.kms_key_id) },
        },
        headers: ObjectHeader::all()
            .map(|header| (header, form.headers.get(header).trim()))
            .collect(),
        metadata: pairs(&form.metadata),
        tags: pairs(&form.tags),
        traffic_limit: form.traffic_limit.saturating_mul(8),
        callback: (!callback.url.is_empty()).then_some(callback),
        digest: if form.sha256 { FileDigest::Sha256 } else { FileDigest::None },
    }
}

/// Options as a form.
pub(crate) fn form_of(options: &BatchOptions) -> OptionsForm {
    let (encryption, kms_key_id) = match &options.encryption {
        Encryption::Bucket => (EncryptionChoice::Bucket, String::new()),
        Encryption::Aes256 => (EncryptionChoice::Aes256, String::new()),
        Encryption::Kms { key_id } => (EncryptionChoice::Kms, key_id.clone()),
    };
    let callback = options.callback.clone().unwrap_or_default();
    OptionsForm {
        storage_class: options.storage_class.clone(),
        acl: options.acl.clone(),
        encryption,
        kms_key_id,
        headers: options.headers.clone(),
        metadata: rows(&options.metadata),
        tags: rows(&options.tags),
        traffic_limit: options.traffic_limit / 8,
        callback_url: callback.url,
        callback_body: callback.body,
        callback_body_type: callback.body_type,
        callback_variables: rows(&callback.variables),
        sha256: options.digest == FileDigest::Sha256,
    }
}

fn pairs(rows: &[NameValue]) -> Vec<Pair> {
    let pair = |row: &NameValue| Pair {
        name: row.name.trim().to_owned(),
        value: row.value.trim().to_owned(),
    };
    rows.iter().map(pair).filter(|pair| !(pair.name.is_empty() && pair.value.is_empty())).collect()
}

fn rows(pairs: &[Pair]) -> Vec<NameValue> {
    pairs
        .iter()
        .map(|pair| NameValue { name: pair.name.clone(), value: pair.value.clone() })
        .collect()
}

#[cfg(test)]
mod tests {
    use ferry_model::CallbackBody;

    use super::*;

    #[test]
    fn a_form_and_its_options_say_the_same() {
        let row = |name: &str, value: &str| NameValue { name: name.into(), value: value.into() };
        let form = OptionsForm {
            storage_class: "IA".into(),
            acl: "private".into(),
            encryption: EncryptionChoice::Kms,
            kms_key_id: "key".into(),
            headers: ObjectHeader::all().map(|header| (header, header.name())).collect(),
            metadata: vec![row("author", "照片")],
            tags: vec![row("a", "")],
            traffic_limit: 102_400,
            callback_url: "https://a.example/".into(),
            callback_body: "{}".into(),
            callback_body_type: CallbackBody::Json,
            callback_variables: vec![row("x:id", "1")],
            sha256: true,
        };
        let meant = options(&form);
        assert_eq!(meant.traffic_limit, 819_200, "bits");
        assert_eq!(form_of(&meant), form);
        assert_eq!(form_of(&BatchOptions::default()), OptionsForm::default());
        let untidy = OptionsForm {
            tags: vec![row(" ", ""), row(" a ", " 1 ")],
            acl: " private ".into(),
            headers: [(ObjectHeader::ContentEncoding, " gzip ")].into(),
            ..OptionsForm::default()
        };
        let meant = options(&untidy);
        assert_eq!((meant.tags.len(), meant.acl.as_str()), (1, "private"));
        assert_eq!(meant.headers.get(ObjectHeader::ContentEncoding), "gzip");
    }
}
