//! The sentences and hints of faults, in both languages, made of the rows of `fault_table` and of
//! what a fault knows: so that window and command line say the same.

use crate::fault::{Fault, FaultKind};
use crate::fault_signature::{SignatureClue, listed};
use crate::fault_table::WORDS;
use crate::language::Text;

/// A placeholder: the words for it where the fault names no subject, and those before the subject
/// it names.
struct Subject {
    placeholder: &'static str,
    nameless: [&'static str; 2],
    before_name: [&'static str; 2],
}

const fn subject(
    placeholder: &'static str,
    nameless: [&'static str; 2],
    before_name: [&'static str; 2],
) -> Subject {
    Subject { placeholder, nameless, before_name }
}

const SUBJECTS: &[Subject] = &[
    subject("{bucket}", ["The bucket", "该 Bucket"], ["The bucket ", "Bucket "]),
    subject("{object}", ["The object", "该对象"], ["", ""]),
    subject("{file}", ["The file", "该文件"], ["", ""]),
    subject("{folder}", ["The folder", "该文件夹"], ["", ""]),
    subject("{profile}", ["The profile", "该配置"], ["", ""]),
    subject("{proxy}", ["of this network", "服务器"], ["", ""]),
    subject("{endpoint}", ["The endpoint", "该 Endpoint"], ["", ""]),
    subject("{command}", ["The credential command", "凭证命令"], ["", ""]),
    subject("{input}", ["This", "该内容"], ["", ""]),
];

impl Fault {
    /// What happened, in a sentence.
    pub fn sentence(&self) -> Text {
        sentence(self)
    }

    /// What to do about it.
    pub fn hint(&self) -> Text {
        hint(self)
    }

    /// Everything that is known, line by line, for copying into a ticket.
    pub fn report(&self) -> String {
        let mut lines = vec![self.sentence().en, self.hint().en, format!("kind: {:?}", self.kind)];
        let check = self.signature.as_deref();
        let facts = [
            ("operation", self.operation.clone()),
            ("subject", self.subject.clone()),
            ("time", self.time.clone()),
            ("status", self.status.map(|status| status.to_string())),
            ("code", self.code.clone()),
            ("EC", self.ec.clone()),
            ("request id", self.request_id.clone()),
            ("host id", self.host_id.clone()),
            ("message", self.message.clone()),
            ("recommended page", self.recommended_page.clone()),
            ("permission", self.permission.clone()),
            ("retry after", self.retry_after_seconds.map(|seconds| format!("{seconds} s"))),
            ("clock offset", self.clock_offset_seconds.map(|seconds| format!("{seconds} s"))),
            ("suggested endpoint", self.suggested_endpoint.clone()),
            ("suggested region", self.suggested_region.clone()),
            ("signature", check.map(|check| check.clue.note().en)),
            ("StringToSign of the store", check.and_then(|check| check.theirs.clone())),
            ("StringToSign of Ferry", check.and_then(|check| check.ours.clone())),
            (
                "CanonicalRequest of the store",
                check.and_then(|check| check.canonical_theirs.clone()),
            ),
            ("CanonicalRequest of Ferry", check.and_then(|check| check.canonical_ours.clone())),
        ];
        lines.extend(
            facts.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}", value?))),
        );
        lines.join("\n")
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence().en)?;
        if let Some(code) = &self.code {
            write!(f, " [{code}]")?;
        }
        if let Some(message) = &self.message {
            write!(f, " ({message})")?;
        }
        Ok(())
    }
}

/// The sentence of `fault`.
fn sentence(fault: &Fault) -> Text {
    let known = match fault.kind {
        FaultKind::ClockSkew => fault.clock_offset_seconds.and_then(clock_sentence),
        FaultKind::BadSignature => {
            fault.signature.as_deref().and_then(|check| signature_sentence(&check.clue))
        }
        _ => None,
    };
    known.unwrap_or_else(|| fill(fault, WORDS[fault.kind as usize].sentence))
}

/// The hint of `fault`. Where the store named the right endpoint, region or permission, the hint
/// does too.
fn hint(fault: &Fault) -> Text {
    if let Some(endpoint) = &fault.suggested_endpoint {
        return Text::new(
            format!("The store names another endpoint: {endpoint}. Set it in the profile."),
            format!("存储服务返回了正确的 Endpoint：{endpoint}。请在配置中改用它。"),
        );
    }
    if let Some(region) = &fault.suggested_region {
        return Text::new(
            format!("The store names the region {region}. Set it in the profile."),
            format!("存储服务返回的地域是 {region}。请在配置中改用它。"),
        );
    }
    let known = match (fault.kind, &fault.permission, fault.signature.as_deref()) {
        (FaultKind::AccessDenied, Some(permission), _) => Some(Text::new(
            format!("Ask the owner of the bucket for the permission {permission}."),
            format!("请联系 Bucket 所有者授予 {permission} 权限。"),
        )),
        (FaultKind::BadSignature, _, Some(check))
            if matches!(check.clue, SignatureClue::Changed { .. }) =>
        {
            Some(Text::new(
                "A proxy or security program may do this. Try https, another network, or ask who runs the proxy.",
                "可能由代理或安全软件造成。请改用 https 或其他网络，或联系代理的管理员。",
            ))
        }
        _ => None,
    };
    known.unwrap_or_else(|| fill(fault, WORDS[fault.kind as usize].hint))
}

/// Puts the subject where the template has its placeholder. A template has one at most.
fn fill(fault: &Fault, [en, zh]: [&str; 2]) -> Text {
    let Some(subject) = SUBJECTS.iter().find(|subject| en.contains(subject.placeholder)) else {
        return Text::new(en, zh);
    };
    let name = fault.subject.as_deref().filter(|name| !name.is_empty());
    let [words_en, words_zh] = if name.is_some() { subject.before_name } else { subject.nameless };
    let words_en = if en.starts_with(subject.placeholder) {
        words_en.to_owned()
    } else {
        words_en.to_lowercase()
    };
    let name = name.map(|name| format!("“{name}”")).unwrap_or_default();
    Text::new(
        en.replacen(subject.placeholder, &format!("{words_en}{name}"), 1),
        zh.replacen(subject.placeholder, &format!("{words_zh}{name}"), 1),
    )
}

/// How far the clock is off, and to which side.
fn clock_sentence(offset: i64) -> Option<Text> {
    if offset.unsigned_abs() < 60 {
        return None;
    }
    let (en, zh) = span(offset.unsigned_abs());
    Some(if offset > 0 {
        Text::new(format!("This computer's clock is {en} slow."), format!("本机时间慢了{zh}。"))
    } else {
        Text::new(format!("This computer's clock is {en} fast."), format!("本机时间快了{zh}。"))
    })
}

/// A span of time in its two largest units.
fn span(seconds: u64) -> (String, String) {
    const UNITS: [(u64, &str, &str); 3] =
        [(86_400, "day", "天"), (3_600, "hour", "小时"), (60, "minute", "分钟")];
    let mut rest = seconds;
    let mut counts = Vec::new();
    for (unit, en, zh) in UNITS {
        if rest >= unit {
            counts.push((rest / unit, en, zh));
        }
        rest %= unit;
    }
    counts.truncate(2);
    let en: Vec<String> = counts
        .iter()
        .map(
            |(count, en, _)| if *count == 1 { format!("1 {en}") } else { format!("{count} {en}s") },
        )
        .collect();
    let zh: String = counts.iter().map(|(count, _, zh)| format!(" {count} {zh}")).collect();
    (en.join(" and "), zh)
}

fn signature_sentence(clue: &SignatureClue) -> Option<Text> {
    match clue {
        SignatureClue::SameText => Some(Text::new(
            "The AccessKey secret is wrong.",
            "AccessKey Secret 不正确，签名不匹配。",
        )),
        SignatureClue::Changed { what } => Some(Text::new(
            format!("The request was changed on its way to the store ({}).", listed(what).en),
            format!("请求在传输途中被改动（{}）。", listed(what).zh),
        )),
        SignatureClue::Unknown => None,
    }
}

#[cfg(test)]
#[path = "fault_text_tests.rs"]
mod tests;
