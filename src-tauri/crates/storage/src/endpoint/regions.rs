//! Regions, as data for lists and for recognising a region typed alone. Never a limit: any endpoint and region may be typed.

use ferry_model::Provider;

/// A region of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// The plain id, as signatures want it: `cn-hangzhou`.
    pub id: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// Its name in Chinese.
    pub zh: &'static str,
}

macro_rules! regions {
    ($($id:literal $en:literal $zh:literal)*) => { &[$(Region { id: $id, en: $en, zh: $zh }),*] };
}

/// Alibaba Cloud OSS, mainland China first (OSS: "Regions and endpoints").
pub const OSS: &[Region] = regions! {
    "cn-hangzhou" "China (Hangzhou)" "华东 1（杭州）"
    "cn-shanghai" "China (Shanghai)" "华东 2（上海）"
    "cn-nanjing" "China (Nanjing)" "华东 5（南京）"
    "cn-fuzhou" "China (Fuzhou)" "华东 6（福州）"
    "cn-qingdao" "China (Qingdao)" "华北 1（青岛）"
    "cn-beijing" "China (Beijing)" "华北 2（北京）"
    "cn-zhangjiakou" "China (Zhangjiakou)" "华北 3（张家口）"
    "cn-huhehaote" "China (Hohhot)" "华北 5（呼和浩特）"
    "cn-wulanchabu" "China (Ulanqab)" "华北 6（乌兰察布）"
    "cn-shenzhen" "China (Shenzhen)" "华南 1（深圳）"
    "cn-heyuan" "China (Heyuan)" "华南 2（河源）"
    "cn-guangzhou" "China (Guangzhou)" "华南 3（广州）"
    "cn-chengdu" "China (Chengdu)" "西南 1（成都）"
    "cn-hongkong" "China (Hong Kong)" "中国香港"
    "ap-northeast-1" "Japan (Tokyo)" "日本（东京）"
    "ap-northeast-2" "South Korea (Seoul)" "韩国（首尔）"
    "ap-southeast-1" "Singapore" "新加坡"
    "ap-southeast-3" "Malaysia (Kuala Lumpur)" "马来西亚（吉隆坡）"
    "ap-southeast-5" "Indonesia (Jakarta)" "印度尼西亚（雅加达）"
    "ap-southeast-6" "Philippines (Manila)" "菲律宾（马尼拉）"
    "ap-southeast-7" "Thailand (Bangkok)" "泰国（曼谷）"
    "eu-central-1" "Germany (Frankfurt)" "德国（法兰克福）"
    "eu-west-1" "UK (London)" "英国（伦敦）"
    "us-west-1" "US (Silicon Valley)" "美国（硅谷）"
    "us-east-1" "US (Virginia)" "美国（弗吉尼亚）"
    "me-east-1" "UAE (Dubai)" "阿联酋（迪拜）"
};

/// Amazon S3.
pub const S3: &[Region] = regions! {
    "us-east-1" "US East (N. Virginia)" "美国东部（弗吉尼亚北部）"
    "us-east-2" "US East (Ohio)" "美国东部（俄亥俄）"
    "us-west-1" "US West (N. California)" "美国西部（加利福尼亚北部）"
    "us-west-2" "US West (Oregon)" "美国西部（俄勒冈）"
    "ca-central-1" "Canada (Central)" "加拿大（中部）"
    "eu-central-1" "Europe (Frankfurt)" "欧洲（法兰克福）"
    "eu-west-1" "Europe (Ireland)" "欧洲（爱尔兰）"
    "eu-west-2" "Europe (London)" "欧洲（伦敦）"
    "eu-west-3" "Europe (Paris)" "欧洲（巴黎）"
    "eu-north-1" "Europe (Stockholm)" "欧洲（斯德哥尔摩）"
    "eu-south-1" "Europe (Milan)" "欧洲（米兰）"
    "ap-northeast-1" "Asia Pacific (Tokyo)" "亚太（东京）"
    "ap-northeast-2" "Asia Pacific (Seoul)" "亚太（首尔）"
    "ap-northeast-3" "Asia Pacific (Osaka)" "亚太（大阪）"
    "ap-southeast-1" "Asia Pacific (Singapore)" "亚太（新加坡）"
    "ap-southeast-2" "Asia Pacific (Sydney)" "亚太（悉尼）"
    "ap-southeast-3" "Asia Pacific (Jakarta)" "亚太（雅加达）"
    "ap-south-1" "Asia Pacific (Mumbai)" "亚太（孟买）"
    "ap-east-1" "Asia Pacific (Hong Kong)" "亚太（香港）"
    "sa-east-1" "South America (São Paulo)" "南美洲（圣保罗）"
    "af-south-1" "Africa (Cape Town)" "非洲（开普敦）"
    "me-south-1" "Middle East (Bahrain)" "中东（巴林）"
    "cn-north-1" "China (Beijing)" "中国（北京）"
    "cn-northwest-1" "China (Ningxia)" "中国（宁夏）"
};

/// The regions of a provider.
pub fn of(provider: Provider) -> &'static [Region] {
    match provider {
        Provider::Oss => OSS,
        Provider::S3 => S3,
    }
}

/// The plain id: `oss-cn-hangzhou` and `oss-cn-hangzhou-internal` are `cn-hangzhou`.
pub fn region_id(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_prefix("oss-").unwrap_or(text);
    text.strip_suffix("-internal").unwrap_or(text)
}

/// Longest word that is taken for a region id: as part of an endpoint's host it must leave room for more.
const LONGEST: usize = 40;

/// Whether a word has a region id's form: `cn-…`, `ap-…` and so on.
pub(super) fn looks_like_region(word: &str) -> bool {
    let mut parts = word.split('-');
    let country = parts.next().unwrap_or_default();
    let rest: Vec<_> = parts.collect();
    word.len() <= LONGEST
        && matches!(country, "cn" | "us" | "ap" | "eu" | "me" | "na" | "sa" | "af" | "ca" | "il" | "mx")
        && !rest.is_empty()
        && rest.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

/// The public endpoint of a region, with its scheme.
pub fn endpoint_of_region(provider: Provider, region: &str) -> String {
    match provider {
        Provider::Oss => format!("https://oss-{}.aliyuncs.com", region_id(region)),
        Provider::S3 => match region {
            "us-east-1" | "" => "https://s3.amazonaws.com".to_owned(),
            region if region.starts_with("cn-") => format!("https://s3.{region}.amazonaws.com.cn"),
            region => format!("https://s3.{region}.amazonaws.com"),
        },
    }
}
