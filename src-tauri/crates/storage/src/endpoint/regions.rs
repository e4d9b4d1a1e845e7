//! Regions, as data: one table with every name a region has (OSS: "Regions and endpoints", read
//! 2026-02; S3: "Amazon S3 endpoints and quotas"). For lists and for recognising what is typed.
//! Never a limit: any endpoint and region may be typed.

use ferry_model::Provider;

/// Which cloud of a provider a region belongs to. The closed ones need an account of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// Open to everybody.
    Public,
    /// For banks and the like.
    Finance,
    /// For public authorities.
    Government,
}

/// Whether a region takes new buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// It does.
    Open,
    /// It is being closed down.
    Closing,
}

/// A region of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// The plain id, as signatures want it: `cn-hangzhou`.
    pub id: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// Its name in Chinese.
    pub zh: &'static str,
    /// Which cloud it belongs to.
    pub cloud: Cloud,
    /// Whether it takes new buckets.
    pub availability: Availability,
    /// The host that the internet reaches.
    pub public: Option<&'static str>,
    /// The host inside the provider's own network.
    pub internal: Option<&'static str>,
    /// The host for IPv4 and IPv6.
    pub dual_stack: Option<&'static str>,
    /// Hosts of transfer acceleration that serve it, where the bucket has that enabled.
    pub accelerate: &'static [&'static str],
    /// Further hosts inside the provider's network.
    pub also_internal: &'static [&'static str],
}

/// Longest region id. Real ones are half as long; as part of an endpoint's host it must leave room
/// for more.
const LONGEST_ID: usize = 40;

/// OSS transfer acceleration for buckets anywhere.
pub const OSS_ACCELERATE: &str = "oss-accelerate.aliyuncs.com";
/// OSS transfer acceleration for buckets outside mainland China.
pub const OSS_ACCELERATE_OVERSEAS: &str = "oss-accelerate-overseas.aliyuncs.com";
/// S3 transfer acceleration.
pub const S3_ACCELERATE: &str = "s3-accelerate.amazonaws.com";

const MAINLAND: &[&str] = &[OSS_ACCELERATE];
const OVERSEAS: &[&str] = &[OSS_ACCELERATE, OSS_ACCELERATE_OVERSEAS];

/// What most rows have in common.
const fn region(
    id: &'static str,
    en: &'static str,
    zh: &'static str,
    public: &'static str,
) -> Region {
    Region {
        id,
        en,
        zh,
        cloud: Cloud::Public,
        availability: Availability::Open,
        public: Some(public),
        internal: None,
        dual_stack: None,
        accelerate: &[],
        also_internal: &[],
    }
}

/// An OSS region whose names follow from its id: with `dual`, it has an IPv6 name too.
macro_rules! oss {
    ($id:literal, $en:literal, $zh:literal, $accelerate:ident) => {
        Region {
            internal: Some(concat!("oss-", $id, "-internal.aliyuncs.com")),
            accelerate: $accelerate,
            ..region($id, $en, $zh, concat!("oss-", $id, ".aliyuncs.com"))
        }
    };
    ($id:literal, $en:literal, $zh:literal, $accelerate:ident, dual) => {
        Region {
            dual_stack: Some(concat!($id, ".oss.aliyuncs.com")),
            ..oss!($id, $en, $zh, $accelerate)
        }
    };
    ($id:literal, $en:literal, $zh:literal, $accelerate:ident, closing) => {
        Region { availability: Availability::Closing, ..oss!($id, $en, $zh, $accelerate) }
    };
}

/// An OSS region of the finance cloud that the internet does not reach.
macro_rules! finance_inside {
    ($id:literal, $en:literal, $zh:literal, $internal:literal $(, $more:literal)*) => {
        Region {
            cloud: Cloud::Finance,
            public: None,
            internal: Some(concat!($internal, "-internal.aliyuncs.com")),
            also_internal: &[$(concat!($more, "-internal.aliyuncs.com")),*],
            ..region($id, $en, $zh, "")
        }
    };
}

/// An OSS region of the finance cloud that the internet reaches, by a name of its own.
macro_rules! finance {
    ($id:literal, $en:literal, $zh:literal, $label:literal, $dual:expr) => {
        Region {
            cloud: Cloud::Finance,
            internal: Some(concat!($label, "-internal.aliyuncs.com")),
            dual_stack: $dual,
            ..region($id, $en, $zh, concat!($label, ".aliyuncs.com"))
        }
    };
}

/// Alibaba Cloud OSS, mainland China first.
pub const OSS: &[Region] = &[
    oss!("cn-hangzhou", "China (Hangzhou)", "华东 1（杭州）", MAINLAND, dual),
    oss!("cn-shanghai", "China (Shanghai)", "华东 2（上海）", MAINLAND, dual),
    oss!(
        "cn-nanjing",
        "China (Nanjing - Local Region)",
        "华东 5（南京-本地地域）",
        MAINLAND,
        closing
    ),
    oss!(
        "cn-fuzhou",
        "China (Fuzhou - Local Region)",
        "华东 6（福州-本地地域）",
        MAINLAND,
        closing
    ),
    oss!("cn-wuhan-lr", "China (Wuhan - Local Region)", "华中 1（武汉-本地地域）", MAINLAND),
    oss!("cn-qingdao", "China (Qingdao)", "华北 1（青岛）", MAINLAND, dual),
    oss!("cn-beijing", "China (Beijing)", "华北 2（北京）", MAINLAND, dual),
    oss!("cn-zhangjiakou", "China (Zhangjiakou)", "华北 3（张家口）", MAINLAND, dual),
    oss!("cn-huhehaote", "China (Hohhot)", "华北 5（呼和浩特）", MAINLAND, dual),
    oss!("cn-wulanchabu", "China (Ulanqab)", "华北 6（乌兰察布）", MAINLAND, dual),
    oss!("cn-shenzhen", "China (Shenzhen)", "华南 1（深圳）", MAINLAND, dual),
    oss!("cn-heyuan", "China (Heyuan)", "华南 2（河源）", MAINLAND, dual),
    oss!("cn-guangzhou", "China (Guangzhou)", "华南 3（广州）", MAINLAND, dual),
    oss!("cn-chengdu", "China (Chengdu)", "西南 1（成都）", MAINLAND, dual),
    oss!("cn-zhongwei", "China (Zhongwei)", "西北 2（中卫）", MAINLAND),
    oss!("cn-hongkong", "China (Hong Kong)", "中国香港", OVERSEAS, dual),
    Region {
        internal: None,
        ..oss!("rg-china-mainland", "China (no region)", "无地域属性（中国内地）", MAINLAND)
    },
    oss!("ap-northeast-1", "Japan (Tokyo)", "日本（东京）", OVERSEAS),
    oss!("ap-northeast-2", "South Korea (Seoul)", "韩国（首尔）", OVERSEAS),
    oss!("ap-southeast-1", "Singapore", "新加坡", OVERSEAS),
    oss!("ap-southeast-3", "Malaysia (Kuala Lumpur)", "马来西亚（吉隆坡）", OVERSEAS),
    oss!("ap-southeast-5", "Indonesia (Jakarta)", "印度尼西亚（雅加达）", OVERSEAS),
    oss!("ap-southeast-6", "Philippines (Manila)", "菲律宾（马尼拉）", OVERSEAS),
    oss!("ap-southeast-7", "Thailand (Bangkok)", "泰国（曼谷）", OVERSEAS),
    oss!("ap-southeast-8", "Malaysia (Johor)", "马来西亚（柔佛州）", OVERSEAS),
    oss!("eu-central-1", "Germany (Frankfurt)", "德国（法兰克福）", OVERSEAS, dual),
    oss!("eu-west-1", "UK (London)", "英国（伦敦）", OVERSEAS),
    oss!("eu-west-2", "France (Paris)", "法国（巴黎）", OVERSEAS),
    oss!("us-west-1", "US (Silicon Valley)", "美国（硅谷）", OVERSEAS),
    oss!("us-east-1", "US (Virginia)", "美国（弗吉尼亚）", OVERSEAS),
    oss!("na-south-1", "Mexico", "墨西哥", OVERSEAS),
    oss!("sa-east-1", "Brazil (São Paulo)", "巴西（圣保罗）", OVERSEAS),
    oss!("me-east-1", "UAE (Dubai)", "阿联酋（迪拜）", OVERSEAS),
    oss!(
        "me-central-1",
        "Saudi Arabia (Riyadh - Partner Region)",
        "沙特（利雅得-合作伙伴运营）",
        OVERSEAS
    ),
    // Those that the internet reaches stand first: they are what a region's id alone means.
    finance!(
        "cn-hangzhou-finance",
        "Hangzhou Finance (public)",
        "杭州金融云公网",
        "oss-cn-hzfinance",
        Some("cn-hangzhou-finance.oss.aliyuncs.com")
    ),
    finance!(
        "cn-shanghai-finance-1",
        "Shanghai Finance (public)",
        "上海金融云公网",
        "oss-cn-shanghai-finance-1-pub",
        Some("cn-shanghai-finance.oss.aliyuncs.com")
    ),
    finance!(
        "cn-shenzhen-finance-1",
        "Shenzhen Finance (public)",
        "深圳金融云公网",
        "oss-cn-szfinance",
        Some("cn-shenzhen-finance.oss.aliyuncs.com")
    ),
    finance!(
        "cn-beijing-finance-1",
        "Beijing Finance (public)",
        "北京金融云公网",
        "oss-cn-beijing-finance-1-pub",
        None
    ),
    finance_inside!(
        "cn-hangzhou-finance",
        "Hangzhou Finance",
        "华东 1 金融云",
        "oss-cn-hzjbp-a",
        "oss-cn-hzjbp-b"
    ),
    finance_inside!(
        "cn-shanghai-finance-1",
        "Shanghai Finance",
        "华东 2 金融云",
        "oss-cn-shanghai-finance-1"
    ),
    finance_inside!(
        "cn-shenzhen-finance-1",
        "Shenzhen Finance",
        "华南 1 金融云",
        "oss-cn-shenzhen-finance-1"
    ),
    finance_inside!(
        "cn-beijing-finance-1",
        "Beijing Finance",
        "华北 2 金融云",
        "oss-cn-beijing-finance-1"
    ),
    Region {
        cloud: Cloud::Government,
        accelerate: &[],
        ..oss!("cn-north-2-gov-1", "China North 2 Ali Gov 1", "华北 2 阿里政务云 1", MAINLAND, dual)
    },
];

/// An S3 region outside China.
macro_rules! s3 {
    ($id:literal, $en:literal, $zh:literal) => {
        Region {
            dual_stack: Some(concat!("s3.dualstack.", $id, ".amazonaws.com")),
            accelerate: &[S3_ACCELERATE],
            ..region($id, $en, $zh, concat!("s3.", $id, ".amazonaws.com"))
        }
    };
    ($id:literal, $en:literal, $zh:literal, government) => {
        Region { cloud: Cloud::Government, accelerate: &[], ..s3!($id, $en, $zh) }
    };
    ($id:literal, $en:literal, $zh:literal, china) => {
        Region {
            dual_stack: Some(concat!("s3.dualstack.", $id, ".amazonaws.com.cn")),
            ..region($id, $en, $zh, concat!("s3.", $id, ".amazonaws.com.cn"))
        }
    };
}

/// Amazon S3.
pub const S3: &[Region] = &[
    // Its oldest name, which every tool knows; `s3.us-east-1.amazonaws.com` means the same.
    Region {
        public: Some("s3.amazonaws.com"),
        ..s3!("us-east-1", "US East (N. Virginia)", "美国东部（弗吉尼亚北部）")
    },
    s3!("us-east-2", "US East (Ohio)", "美国东部（俄亥俄）"),
    s3!("us-west-1", "US West (N. California)", "美国西部（加利福尼亚北部）"),
    s3!("us-west-2", "US West (Oregon)", "美国西部（俄勒冈）"),
    s3!("ca-central-1", "Canada (Central)", "加拿大（中部）"),
    s3!("ca-west-1", "Canada West (Calgary)", "加拿大西部（卡尔加里）"),
    s3!("mx-central-1", "Mexico (Central)", "墨西哥（中部）"),
    s3!("sa-east-1", "South America (São Paulo)", "南美洲（圣保罗）"),
    s3!("eu-central-1", "Europe (Frankfurt)", "欧洲（法兰克福）"),
    s3!("eu-central-2", "Europe (Zurich)", "欧洲（苏黎世）"),
    s3!("eu-west-1", "Europe (Ireland)", "欧洲（爱尔兰）"),
    s3!("eu-west-2", "Europe (London)", "欧洲（伦敦）"),
    s3!("eu-west-3", "Europe (Paris)", "欧洲（巴黎）"),
    s3!("eu-north-1", "Europe (Stockholm)", "欧洲（斯德哥尔摩）"),
    s3!("eu-south-1", "Europe (Milan)", "欧洲（米兰）"),
    s3!("eu-south-2", "Europe (Spain)", "欧洲（西班牙）"),
    s3!("ap-east-1", "Asia Pacific (Hong Kong)", "亚太（香港）"),
    s3!("ap-east-2", "Asia Pacific (Taipei)", "亚太（台北）"),
    s3!("ap-northeast-1", "Asia Pacific (Tokyo)", "亚太（东京）"),
    s3!("ap-northeast-2", "Asia Pacific (Seoul)", "亚太（首尔）"),
    s3!("ap-northeast-3", "Asia Pacific (Osaka)", "亚太（大阪）"),
    s3!("ap-south-1", "Asia Pacific (Mumbai)", "亚太（孟买）"),
    s3!("ap-south-2", "Asia Pacific (Hyderabad)", "亚太（海得拉巴）"),
    s3!("ap-southeast-1", "Asia Pacific (Singapore)", "亚太（新加坡）"),
    s3!("ap-southeast-2", "Asia Pacific (Sydney)", "亚太（悉尼）"),
    s3!("ap-southeast-3", "Asia Pacific (Jakarta)", "亚太（雅加达）"),
    s3!("ap-southeast-4", "Asia Pacific (Melbourne)", "亚太（墨尔本）"),
    s3!("ap-southeast-5", "Asia Pacific (Malaysia)", "亚太（马来西亚）"),
    s3!("ap-southeast-6", "Asia Pacific (New Zealand)", "亚太（新西兰）"),
    s3!("ap-southeast-7", "Asia Pacific (Thailand)", "亚太（泰国）"),
    s3!("af-south-1", "Africa (Cape Town)", "非洲（开普敦）"),
    s3!("il-central-1", "Israel (Tel Aviv)", "以色列（特拉维夫）"),
    s3!("me-south-1", "Middle East (Bahrain)", "中东（巴林）"),
    s3!("me-central-1", "Middle East (UAE)", "中东（阿联酋）"),
    s3!("cn-north-1", "China (Beijing)", "中国（北京）", china),
    s3!("cn-northwest-1", "China (Ningxia)", "中国（宁夏）", china),
    s3!("us-gov-east-1", "AWS GovCloud (US-East)", "AWS GovCloud（美国东部）", government),
    s3!("us-gov-west-1", "AWS GovCloud (US-West)", "AWS GovCloud（美国西部）", government),
];

impl Region {
    /// Every host inside the provider's network.
    pub fn internal_hosts(&self) -> impl Iterator<Item = &'static str> {
        self.internal.into_iter().chain(self.also_internal.iter().copied())
    }
}

/// The regions of a provider.
pub fn of(provider: Provider) -> &'static [Region] {
    match provider {
        Provider::Oss => OSS,
        Provider::S3 => S3,
    }
}

/// The region of an id.
pub fn find(provider: Provider, id: &str) -> Option<&'static Region> {
    of(provider).iter().find(|region| region.id == id)
}

/// The region of a name as the consoles show it, in either language: `华东 1（杭州）`, `China
/// (Hangzhou)`, or the place alone.
pub fn by_name(provider: Provider, name: &str) -> Option<&'static Region> {
    let plain = |text: &str| -> String {
        let signs = text.chars().filter(|c| !c.is_whitespace() && !"()（）".contains(*c));
        signs.flat_map(char::to_lowercase).collect()
    };
    let place = |text: &str| {
        text.split_once(['(', '（'])
            .map(|(_, place)| plain(place))
            .filter(|place| !place.is_empty())
    };
    let wanted = plain(name);
    let mut names =
        of(provider).iter().flat_map(|region| [(region, region.en), (region, region.zh)]);
    let by_whole = names.clone().find(|(_, known)| plain(known) == wanted);
    by_whole
        .or_else(|| names.find(|(_, known)| place(known).as_deref() == Some(&wanted)))
        .map(|(region, _)| region)
}

/// The plain id: `oss-cn-hangzhou` and `oss-cn-hangzhou-internal` are `cn-hangzhou`,
/// `oss-cn-hzfinance` is `cn-hangzhou-finance`.
pub fn region_id(text: &str) -> &str {
    let text = text.trim();
    let Some(rest) = text.strip_prefix("oss-") else {
        return text.strip_suffix("-internal").unwrap_or(text);
    };
    let is_label = |host: &str| host.strip_suffix(".aliyuncs.com") == Some(text);
    let listed = OSS
        .iter()
        .find(|region| region.public.into_iter().chain(region.internal_hosts()).any(is_label));
    listed.map_or_else(|| rest.strip_suffix("-internal").unwrap_or(rest), |region| region.id)
}

/// The region that a listed IPv4 and IPv6 host belongs to.
pub(super) fn of_dual_stack(host: &str) -> Option<&'static str> {
    OSS.iter().find(|region| region.dual_stack == Some(host)).map(|region| region.id)
}

/// Whether a word has a region id's form: `cn-…`, `ap-…` and so on.
pub(super) fn looks_like_region(word: &str) -> bool {
    let mut parts = word.split('-');
    let country = parts.next().unwrap_or_default();
    let rest: Vec<_> = parts.collect();
    word.len() <= LONGEST_ID
        && matches!(
            country,
            "cn" | "us" | "ap" | "eu" | "me" | "na" | "sa" | "af" | "ca" | "il" | "mx" | "rg"
        )
        && !rest.is_empty()
        && rest.iter().all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

/// Whether a text can be a region id at all: nothing in it could bend a host name or the scope of a
/// signature.
pub fn is_id(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(inner)
}

/// The public endpoint of a region, with its scheme; of a region without one, the internal. What is
/// not listed follows the rule.
pub fn endpoint_of_region(provider: Provider, region: &str) -> String {
    let id = match provider {
        Provider::Oss => region_id(region),
        Provider::S3 if region.is_empty() => "us-east-1",
        Provider::S3 => region,
    };
    let listed =
        find(provider, id).and_then(|region| region.public.or(region.internal)).map(str::to_owned);
    let host = listed.unwrap_or_else(|| match provider {
        Provider::Oss => format!("oss-{id}.aliyuncs.com"),
        Provider::S3 if id.starts_with("cn-") => format!("s3.{id}.amazonaws.com.cn"),
        Provider::S3 => format!("s3.{id}.amazonaws.com"),
    });
    format!("https://{host}")
}

/// The endpoint of an OSS region inside Alibaba Cloud, with its scheme.
pub(super) fn internal_endpoint_of_region(region: &str) -> String {
    let id = region_id(region);
    let listed = find(Provider::Oss, id).and_then(|region| region.internal);
    listed.map_or_else(
        || format!("https://oss-{id}-internal.aliyuncs.com"),
        |host| format!("https://{host}"),
    )
}
