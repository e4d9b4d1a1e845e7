//! Why something that was found cannot be taken over, in both languages.

use std::path::Path;

use ferry_model::{Fault, FaultKind, Text};

use crate::messages::Problem;
use crate::problem::word;

/// Why an entry's key cannot be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It takes on a role with another key.
    Role,
    /// It signs in by a browser.
    SignIn,
    /// It asks the machine it runs on: an instance's role, a container's, the environment.
    Machine,
    /// It trades in an OIDC token.
    Oidc,
    /// It asks an address.
    Address,
    /// It signs with a private key, or a bearer token.
    OtherSignature,
    /// It goes without a key.
    Anonymous,
    /// Id, secret or token is not there.
    Incomplete,
    /// Id, secret or token hold characters that none has.
    Damaged,
    /// Its mode is none that is known.
    UnknownMode,
}

impl Reason {
    /// In a sentence or two.
    pub fn text(self) -> Text {
        let (en, zh) = match self {
            Self::Role => (
                "It takes on a role. Ferry needs a command that prints the role's key.",
                "该配置扮演角色。Ferry 需要一条输出角色密钥的命令。",
            ),
            Self::SignIn => (
                "It signs in by a browser. Ferry needs a command that prints the key.",
                "该配置通过浏览器登录。Ferry 需要一条输出密钥的命令。",
            ),
            Self::Machine => (
                "Its key comes from the machine or the environment the tool runs in, not from this file.",
                "密钥来自工具所在的主机或环境，不在此文件中。",
            ),
            Self::Oidc => (
                "It trades in an OIDC token. Ferry needs a command that prints the key.",
                "该配置使用 OIDC 令牌换取密钥。Ferry 需要一条输出密钥的命令。",
            ),
            Self::Address => (
                "Its key is fetched from an address. Ferry needs a command that prints it.",
                "密钥需从某个地址获取。Ferry 需要一条输出密钥的命令。",
            ),
            Self::OtherSignature => (
                "It signs in a way that object storage does not take.",
                "其签名方式不适用于对象存储。",
            ),
            Self::Anonymous => {
                ("It has no key: it works anonymously.", "该配置没有密钥，匿名访问。")
            }
            Self::Incomplete => (
                "Its key is not complete: the id, the secret or the token is missing.",
                "密钥不完整：缺少 AccessKey ID、Secret 或令牌。",
            ),
            Self::Damaged => (
                "Its key is damaged: it holds line breaks or control characters.",
                "密钥已损坏：含有换行或控制字符。",
            ),
            Self::UnknownMode => {
                ("Its mode is one that Ferry does not know.", "Ferry 不认识该配置的模式。")
            }
        };
        Text::new(en, zh)
    }
}

/// Why a file cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The variable that names it is set, but it is not there.
    Missing,
    /// It is a folder, a device, a pipe.
    NotAFile,
    /// It is over [`crate::import::MOST_BYTES`].
    TooLarge,
    /// It is no UTF-8 text.
    NotText,
    /// It is not in its tool's form.
    BadForm,
    /// rclone encrypted it.
    Encrypted,
    /// The system's words.
    System(String),
}

impl Refusal {
    /// As the window shows it.
    pub(crate) fn problem(&self, path: &Path) -> Problem {
        let name = path.display().to_string();
        let kind = match self {
            Self::Missing => FaultKind::SourceMissing,
            Self::NotAFile => FaultKind::SourceNotRegular,
            Self::System(_) => FaultKind::SourceUnreadable,
            Self::TooLarge | Self::NotText | Self::BadForm | Self::Encrypted => {
                FaultKind::InvalidInput
            }
        };
        let (en, zh) = match self {
            Self::Missing => (
                "is not there, though an environment variable names it",
                "不存在，但环境变量指向了它",
            ),
            Self::NotAFile => ("is not a regular file", "不是普通文件"),
            Self::TooLarge => ("is too large to be a settings file", "过大，不像是配置文件"),
            Self::NotText => ("is not UTF-8 text", "不是 UTF-8 文本"),
            Self::BadForm => ("is not in the form its tool writes", "格式与其工具所写的不符"),
            Self::Encrypted => ("is encrypted by rclone", "已由 rclone 加密"),
            Self::System(_) => ("cannot be read", "无法读取"),
        };
        let hint = match self {
            Self::Encrypted => Text::new(
                "Ferry does not ask for its password. Show the remote with “rclone config show” and type its key in here.",
                "Ferry 不会询问其密码。请用 “rclone config show” 查看该远端，并在此手动填写密钥。",
            ),
            _ => {
                Text::new("The other files were read all the same.", "其他文件不受影响，仍已读取。")
            }
        };
        let mut fault = Fault::new(kind).with_subject(name.clone());
        if let Self::System(words) = self {
            fault = fault.with_detail(words.clone());
        }
        let sentence = Text::new(format!("“{name}” {en}."), format!("“{name}” {zh}。"));
        let report = format!("{sentence}\n{}", fault.report());
        Problem {
            kind: word(kind),
            sentence: sentence.into(),
            hint: hint.into(),
            report,
            ..Problem::from(fault)
        }
    }
}
