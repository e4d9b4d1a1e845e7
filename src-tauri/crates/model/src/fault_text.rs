//! The sentences and hints of faults, in both languages: one table, so that window and command line say the same.

use crate::fault::{Fault, FaultKind};
use crate::language::Text;

/// What happened: English, Chinese; what to do: English, Chinese. `{}` stands for the fault's subject.
type Row = (&'static str, &'static str, &'static str, &'static str);

/// The sentence of `fault`.
pub fn sentence(fault: &Fault) -> Text {
    let (en, zh, _, _) = row(fault.kind);
    fill(fault, en, zh)
}

/// The hint of `fault`. Where the store named the right endpoint, the hint does too.
pub fn hint(fault: &Fault) -> Text {
    if let Some(endpoint) = &fault.suggested_endpoint {
        return Text::new(
            format!("The store names another endpoint: {endpoint}. Set it in the profile."),
            format!("存储服务指明了另一个 Endpoint：{endpoint}。请在配置中改用它。"),
        );
    }
    let (_, _, en, zh) = row(fault.kind);
    fill(fault, en, zh)
}

fn fill(fault: &Fault, en: &str, zh: &str) -> Text {
    let subject = |nothing: &str| match &fault.subject {
        Some(subject) => format!("“{subject}”"),
        None => nothing.to_owned(),
    };
    Text::new(en.replace("{}", &subject(default_subject(fault.kind).0)), zh.replace("{}", &subject(default_subject(fault.kind).1)))
}

/// What a sentence speaks of when the fault names nothing.
fn default_subject(kind: FaultKind) -> (&'static str, &'static str) {
    use FaultKind as K;
    match kind {
        K::NoSuchBucket | K::InvalidBucketName | K::WrongEndpoint | K::WrongRegion => ("The bucket", "该 Bucket"),
        K::NoSuchProfile => ("The profile", "该配置"),
        K::CredentialProcessFailed => ("The credential command", "凭证命令"),
        K::EmptyFolder => ("The folder", "该文件夹"),
        K::NoSuchKey | K::AlreadyExists | K::Immutable | K::Archived | K::KeyInvalid | K::KeyCollision => ("The object", "该对象"),
        K::Unreachable | K::InvalidEndpoint | K::InsecureEndpoint | K::TlsFailed => ("The endpoint", "该 Endpoint"),
        _ => ("The file", "该文件"),
    }
}

fn row(kind: FaultKind) -> Row {
    use FaultKind as K;
    match kind {
        K::Unreachable
        | K::ConnectionLost
        | K::Stalled
        | K::NotStore
        | K::TlsFailed
        | K::ServerError
        | K::Throttled
        | K::RequestTimeout => network_row(kind),
        K::BadAccessKey
        | K::BadSignature
        | K::TokenExpired
        | K::AccessDenied
        | K::ClockSkew
        | K::AccountSuspended
        | K::CredentialsMissing
        | K::KeyringLocked
        | K::KeyringAbsent
        | K::CredentialProcessFailed => credential_row(kind),
        K::NoSuchBucket | K::WrongEndpoint | K::WrongRegion | K::InvalidEndpoint | K::InvalidBucketName | K::InsecureEndpoint => {
            address_row(kind)
        }
        K::SourceMissing
        | K::SourceUnreadable
        | K::SourceNotRegular
        | K::SourceIsLink
        | K::SourceChanged
        | K::SourceReadFailed
        | K::EmptyFolder
        | K::NameNotUnicode
        | K::KeyCollision => source_row(kind),
        K::DiskFull | K::JournalBroken | K::JournalBusy | K::NoSuchProfile | K::InvalidInput | K::Internal => local_row(kind),
        _ => object_row(kind),
    }
}

fn network_row(kind: FaultKind) -> Row {
    use FaultKind as K;
    match kind {
        K::ConnectionLost => (
            "The connection to the store broke.",
            "与存储服务的连接中断了。",
            "Ferry tries again by itself; only the parts under way are sent again.",
            "Ferry 会自动重试，只重传传输中的分片。",
        ),
        K::Stalled => (
            "The store stopped answering.",
            "存储服务停止响应。",
            "Ferry tries again by itself. If it stays so, check the network.",
            "Ferry 会自动重试。若持续如此，请检查网络。",
        ),
        K::NotStore => (
            "The answer did not come from an object store.",
            "返回的内容并非来自对象存储。",
            "A login page or proxy may be in between: open a web page, sign in to the network, and check the endpoint.",
            "可能被登录页或代理拦截：请打开网页完成网络登录，并检查 Endpoint。",
        ),
        K::TlsFailed => (
            "No secure connection: the server's certificate was refused.",
            "无法建立安全连接：服务器证书未通过验证。",
            "Check the endpoint and the computer's date; a company proxy needs its certificate in the system's store.",
            "请检查 Endpoint 和系统日期；公司代理的证书需要加入系统信任列表。",
        ),
        K::ServerError => ("The store had an internal error.", "存储服务内部错误。", "Ferry tries again by itself.", "Ferry 会自动重试。"),
        K::Throttled => (
            "The store asks for fewer requests.",
            "存储服务要求降低请求频率。",
            "Ferry slows down and goes on by itself.",
            "Ferry 会自动降速并继续。",
        ),
        K::RequestTimeout => (
            "The store closed a request that took too long.",
            "请求超时，被存储服务关闭。",
            "Ferry tries again by itself; on a slow line, a smaller part size helps.",
            "Ferry 会自动重试；网络较慢时可减小分片大小。",
        ),
        _ => (
            "{} cannot be reached.",
            "{} 无法连接。",
            "Check the network and the endpoint. Ferry goes on by itself when it answers.",
            "请检查网络和 Endpoint。恢复后 Ferry 会自动继续。",
        ),
    }
}

fn credential_row(kind: FaultKind) -> Row {
    use FaultKind as K;
    match kind {
        K::BadAccessKey => (
            "The store does not know this AccessKey id.",
            "存储服务不认识该 AccessKey ID。",
            "Check the AccessKey id in the profile; it may be deleted or disabled.",
            "请检查配置中的 AccessKey ID，它可能已被删除或禁用。",
        ),
        K::BadSignature => (
            "The store refuses the signature: the AccessKey secret is wrong, in most cases.",
            "签名被拒绝：多半是 AccessKey Secret 有误。",
            "Enter the secret again in the profile, without spaces around it.",
            "请在配置中重新输入 Secret，注意前后不要有空格。",
        ),
        K::TokenExpired => (
            "The security token has ended or is not valid.",
            "安全令牌（STS）已过期或无效。",
            "Enter a new token in the profile; the upload then goes on where it was.",
            "请在配置中填入新的令牌，上传将从原处继续。",
        ),
        K::AccessDenied => (
            "This key has no permission for that.",
            "该密钥没有相应权限。",
            "Ask for oss:PutObject, oss:ListParts and oss:AbortMultipartUpload (s3: the same names) on the bucket and prefix.",
            "请为该 Bucket 和前缀申请 oss:PutObject、oss:ListParts、oss:AbortMultipartUpload 权限（S3 同名）。",
        ),
        K::ClockSkew => (
            "This computer's clock is too far off.",
            "本机时钟偏差过大。",
            "Set the date and time to automatic, then retry.",
            "请将系统日期时间设为自动，然后重试。",
        ),
        K::AccountSuspended => (
            "The account or the bucket is suspended.",
            "账号或 Bucket 已被停用。",
            "Check the account's balance and state in the provider's console.",
            "请在控制台检查账号余额与状态。",
        ),
        K::CredentialsMissing => (
            "No AccessKey is stored for this profile.",
            "此配置没有保存 AccessKey。",
            "Enter the AccessKey in the profile, or set it in the environment for the command line.",
            "请在配置中填写 AccessKey；命令行可通过环境变量提供。",
        ),
        K::KeyringLocked => (
            "The system's keyring is locked.",
            "系统密钥环已锁定。",
            "Unlock it and retry, or enter the secret for this run only.",
            "请解锁后重试，或仅在本次运行中输入密钥。",
        ),
        K::CredentialProcessFailed => (
            "{} gave no key that can be used.",
            "{} 没有给出可用的密钥。",
            "Run the profile's command in a terminal to see what is wrong, then retry. A program outside the search path needs its full path.",
            "请在终端中运行配置里的凭证命令查看原因，然后重试。不在搜索路径中的程序需要填写完整路径。",
        ),
        _ => (
            "This system has no keyring service running.",
            "系统没有运行密钥环服务。",
            "Start one (for example gnome-keyring), or enter the secret for this run only; Ferry never writes it to a file.",
            "请启动密钥环服务（如 gnome-keyring），或仅在本次运行中输入密钥；Ferry 不会把它写入文件。",
        ),
    }
}

fn address_row(kind: FaultKind) -> Row {
    use FaultKind as K;
    match kind {
        K::NoSuchBucket => (
            "{} does not exist.",
            "{} 不存在。",
            "Check the bucket's name and region in the profile.",
            "请检查配置中的 Bucket 名称和地域。",
        ),
        K::WrongEndpoint => (
            "{} must be addressed by another endpoint.",
            "{} 需要通过另一个 Endpoint 访问。",
            "Set the endpoint of the bucket's region in the profile; new OSS accounts need a custom domain for data.",
            "请在配置中填写 Bucket 所在地域的 Endpoint；新的 OSS 账号需使用自定义域名访问数据。",
        ),
        K::WrongRegion => (
            "{} is in another region than the profile says.",
            "{} 所在地域与配置不符。",
            "Correct the region in the profile, as cn-hangzhou.",
            "请在配置中更正地域，例如 cn-hangzhou。",
        ),
        K::InvalidEndpoint => (
            "{} is no address of a store.",
            "{} 不是有效的存储服务地址。",
            "Enter a host such as oss-cn-hangzhou.aliyuncs.com, or a URL with https://.",
            "请填写主机名（如 oss-cn-hangzhou.aliyuncs.com）或以 https:// 开头的地址。",
        ),
        K::InvalidBucketName => (
            "{} is no valid bucket name.",
            "{} 不是有效的 Bucket 名称。",
            "3 to 63 characters: lower-case letters, digits and hyphens, beginning and ending with a letter or digit.",
            "3 至 63 个字符：小写字母、数字和短横线，以字母或数字开头和结尾。",
        ),
        _ => (
            "{} uses plain http, which would send data unprotected.",
            "{} 使用明文 http，数据将不受保护。",
            "Use https, or allow http for this profile if the network is your own.",
            "请使用 https；若是自有网络，可在配置中允许 http。",
        ),
    }
}

fn object_row(kind: FaultKind) -> Row {
    use FaultKind as K;
    match kind {
        K::NoSuchKey => ("{} is not in the bucket.", "{} 不在 Bucket 中。", "Upload it again.", "请重新上传。"),
        K::UploadGone => (
            "The store no longer knows this upload.",
            "存储服务中已没有这次上传。",
            "Retry: Ferry looks at what is there and starts over only if it must.",
            "请重试：Ferry 会先检查已有内容，必要时才重新开始。",
        ),
        K::PartsRefused => (
            "The store does not hold all parts as they were sent.",
            "存储服务上的分片与发送的不一致。",
            "Retry: the parts that differ are sent again.",
            "请重试：不一致的分片会重新发送。",
        ),
        K::PartTooSmall => (
            "The part size is under the service's minimum.",
            "分片小于服务的最小限制。",
            "Choose a part size of at least 5 MiB and start this file over.",
            "请选择不小于 5 MiB 的分片并重新上传此文件。",
        ),
        K::TooLarge => (
            "{} is larger than the service accepts.",
            "{} 超过了服务允许的大小。",
            "The limit is 10,000 parts of 5 GiB (48.8 TiB); split the file.",
            "上限为 10,000 个 5 GiB 分片（48.8 TiB）；请拆分文件。",
        ),
        K::KeyInvalid => (
            "{} cannot be an object's name.",
            "{} 不能作为对象名称。",
            "A key has 1 to 1,023 bytes and does not begin with / or \\. Rename the file, or change the prefix.",
            "对象名为 1 至 1023 字节，且不能以 / 或 \\ 开头。请重命名文件或修改前缀。",
        ),
        K::AlreadyExists => (
            "An object of this name is already there.",
            "已存在同名对象。",
            "Choose: skip, overwrite, or upload under another name.",
            "请选择：跳过、覆盖，或以其他名称上传。",
        ),
        K::Immutable => (
            "{} is under retention and cannot be replaced.",
            "{} 处于合规保留期，不能覆盖。",
            "Upload under another name.",
            "请以其他名称上传。",
        ),
        K::DigestRefused => (
            "The store received other bytes than were sent.",
            "存储服务收到的数据与发送的不一致。",
            "Ferry sends the part again. If it stays so, check the memory, the disk and the network.",
            "Ferry 会重传该分片。若持续如此，请检查内存、磁盘和网络。",
        ),
        K::ChecksumMismatch => (
            "The store's checksum differs from the file's.",
            "存储服务的校验值与文件不一致。",
            "The object is not to be trusted: retry. Ferry does not delete it by itself.",
            "该对象不可信：请重试。Ferry 不会自行删除它。",
        ),
        K::Unproven => (
            "The store gave no checksum to compare, so the upload is not called done.",
            "存储服务没有返回可比对的校验值，因此不视为完成。",
            "Set the profile's integrity to strict: then each part is checked with Content-MD5. Then retry.",
            "请将配置的完整性设为“严格”，每个分片将用 Content-MD5 校验，然后重试。",
        ),
        K::PreconditionFailed => (
            "The store refused, because a condition was not met.",
            "条件不满足，请求被拒绝。",
            "The object changed meanwhile: look at it, then retry.",
            "对象可能已被改动：请查看后重试。",
        ),
        K::Archived => ("{} is archived.", "{} 处于归档状态。", "Restore it first.", "请先解冻。"),
        K::Unsupported => (
            "The store does not support this.",
            "存储服务不支持此操作。",
            "Check provider and options of the profile.",
            "请检查配置中的服务商和选项。",
        ),
        K::InvalidRequest => (
            "The store refuses the request.",
            "存储服务拒绝了该请求。",
            "The details say which value; check the profile's region, endpoint and options.",
            "详情中说明了具体的值；请检查配置中的地域、Endpoint 和选项。",
        ),
        K::CallbackFailed => (
            "Uploaded, but the callback to your application server failed.",
            "已上传，但回调应用服务器失败。",
            "The object is there; check the callback's address.",
            "对象已存在；请检查回调地址。",
        ),
        K::ReplacedAfterUpload => (
            "The upload was merged, but another object is there now, or none.",
            "上传已合并，但现在该位置是另一个对象或为空。",
            "Somebody replaced or removed it. Look at the bucket before you upload again.",
            "它可能被他人替换或删除。重新上传前请先查看 Bucket。",
        ),
        _ => (
            "The store gave an answer that Ferry does not know.",
            "存储服务返回了 Ferry 无法识别的结果。",
            "Retry; if it stays so, copy the details to your provider.",
            "请重试；若持续如此，请把详情提供给服务商。",
        ),
    }
}

fn source_row(kind: FaultKind) -> Row {
    use FaultKind as K;
    match kind {
        K::SourceMissing => (
            "{} is not there.",
            "{} 不存在。",
            "It was moved, renamed or deleted, or its drive is away. Put it back and retry.",
            "文件可能被移动、改名、删除，或所在磁盘已断开。恢复后请重试。",
        ),
        K::SourceUnreadable => (
            "{} may not be read.",
            "{} 无法读取。",
            "Check the file's permissions, or whether another program holds it, and retry.",
            "请检查文件权限或是否被其他程序占用，然后重试。",
        ),
        K::SourceNotRegular => (
            "{} is not a regular file.",
            "{} 不是普通文件。",
            "Devices, pipes and sockets cannot be uploaded; it was left out.",
            "设备、管道和套接字无法上传，已跳过。",
        ),
        K::SourceIsLink => (
            "{} is a link inside a folder; links are not followed there.",
            "{} 是文件夹内的链接，不会跟随。",
            "Add what it points to by itself, if you want it.",
            "如有需要，请单独添加它指向的文件。",
        ),
        K::SourceChanged => (
            "{} changed since it was queued.",
            "{} 在加入队列后发生了变化。",
            "Retry uploads it as it is now, from the start.",
            "重试将按当前内容从头上传。",
        ),
        K::SourceReadFailed => (
            "{} could not be read to its end.",
            "{} 读取中断。",
            "Check the disk or the network drive, and retry.",
            "请检查磁盘或网络驱动器，然后重试。",
        ),
        K::EmptyFolder => ("{} has no files in it.", "{} 中没有文件。", "There is nothing to upload from it.", "没有可上传的内容。"),
        K::NameNotUnicode => (
            "{} has a name that is not valid text.",
            "{} 的名称不是有效文本。",
            "Rename the file and add it again.",
            "请重命名后重新添加。",
        ),
        _ => (
            "Another file of this batch already goes to {}.",
            "同一批中已有文件上传到 {}。",
            "Rename one of the two, or add them separately.",
            "请重命名其中之一，或分开添加。",
        ),
    }
}

fn local_row(kind: FaultKind) -> Row {
    use FaultKind as K;
    match kind {
        K::DiskFull => (
            "The disk that holds Ferry's queue is full.",
            "保存队列的磁盘已满。",
            "Free some space; nothing that was queued is lost.",
            "请清理磁盘空间；已加入队列的内容不会丢失。",
        ),
        K::JournalBroken => (
            "Ferry's queue on disk cannot be read or written.",
            "无法读写磁盘上的队列。",
            "Check the disk and the data folder's permissions.",
            "请检查磁盘和数据文件夹的权限。",
        ),
        K::JournalBusy => (
            "Another Ferry is already using this queue.",
            "另一个 Ferry 正在使用该队列。",
            "Close the window or wait for the other command, then try again.",
            "请关闭窗口或等待另一个命令结束，然后重试。",
        ),
        K::NoSuchProfile => (
            "{} is not among the profiles.",
            "没有名为 {} 的配置。",
            "`ferry profile list` shows them.",
            "可用 `ferry profile list` 查看。",
        ),
        K::InvalidInput => ("{} cannot be used here.", "{} 无法使用。", "Correct it and try again.", "请更正后重试。"),
        _ => (
            "Something went wrong inside Ferry.",
            "Ferry 内部出错。",
            "Nothing was lost: retry, and please report the details.",
            "数据没有丢失：请重试，并反馈详情。",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_speaks_both_languages_and_says_what_to_do() {
        for kind in FaultKind::ALL {
            let fault = Fault::new(*kind).about("a.bin");
            for text in [fault.sentence(), fault.hint()] {
                assert!(!text.en.is_empty() && !text.zh.is_empty(), "{kind:?} has an empty text");
                assert!(!text.en.contains("{}") && !text.zh.contains("{}"), "{kind:?} keeps a placeholder");
                assert!(!text.en.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c)), "{kind:?} mixes Chinese into English");
                assert!(text.zh.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c)), "{kind:?} has no Chinese");
            }
        }
    }

    #[test]
    fn a_suggested_endpoint_becomes_the_hint() {
        let mut fault = Fault::new(FaultKind::WrongEndpoint).about("photos");
        fault.suggested_endpoint = Some("oss-cn-shanghai.aliyuncs.com".into());
        assert!(fault.hint().en.contains("oss-cn-shanghai.aliyuncs.com"));
        assert_eq!(fault.sentence().en, "“photos” must be addressed by another endpoint.");
    }
}
