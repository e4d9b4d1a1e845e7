//! Random requests: every form, every kind of name, several people, days and places. The same seed
//! gives the same requests.

use std::collections::BTreeSet;
use std::rc::Rc;

use fastrand::Rng;
use ferry_model::{Credentials, Secret};
use ferry_storage::signing::KeyCache;
use ferry_storage::{HttpClient, HttpOptions};

use crate::case::{BodyHash, Case, Form, Identity, MadeBy, Scheme};
use crate::words;
use crate::{IdleAdditional, Party, RepeatedNames};

/// People who sign. Few enough that their derived keys are used again, many enough for odd secrets.
const PEOPLE: usize = 40;

/// Most bytes of a key.
const KEY_BYTES: usize = 1023;

/// Seconds of a week.
const WEEK: u64 = 7 * 24 * 3600;

type Pairs = Vec<(String, String)>;

/// Random requests for one party.
#[derive(Debug)]
pub(crate) struct Requests<'a> {
    rng: Rng,
    party: &'a Party,
    /// Query names that the party counts as sub-resources.
    names: Vec<String>,
    people: Vec<Rc<Identity>>,
    days: Vec<u64>,
    http: Rc<HttpClient>,
}

impl<'a> Requests<'a> {
    pub(crate) fn new(seed: u64, party: &'a Party, mut names: Vec<String>) -> Self {
        let mut rng = Rng::with_seed(seed);
        if names.is_empty() {
            names = words::S3_NAMES.iter().map(|name| (*name).to_owned()).collect();
        }
        let people = (0..PEOPLE).map(|number| Rc::new(person(&mut rng, number))).collect();
        let mut days: Vec<u64> = (0..8).map(|_| rng.u64(0..47_000)).collect();
        // The first day, a leap day, the last second of 2038's counting, the turn of a year.
        days.extend([0, 11_016, 24_855, 20_453]);
        Self {
            rng,
            party,
            names,
            people,
            days,
            http: Rc::new(HttpClient::new(HttpOptions::default())),
        }
    }

    pub(crate) fn next(&mut self, number: usize) -> Case {
        let (scheme, form) = self.party.kinds[number % self.party.kinds.len()];
        let cloud_box = scheme == Scheme::OssV4 && self.chance(10);
        let (region, product, (endpoint, addressing, style)) = match scheme {
            _ if cloud_box => {
                let (id, endpoint) = self.pick(words::CLOUD_BOXES);
                (id, "oss-cloudbox", (endpoint, ferry_model::Addressing::Auto, "virtual"))
            }
            Scheme::OssV1 | Scheme::OssV4 => {
                (self.pick(words::REGIONS), "oss", self.pick(words::OSS_PLACES))
            }
            Scheme::S3 => (self.pick(words::REGIONS), "s3", self.pick(words::S3_PLACES)),
        };
        let (bucket, key) = match self.rng.u32(0..100) {
            0..2 if scheme != Scheme::S3 && style != "cname" => (None, None),
            0..10 => (Some(self.bucket()), None),
            _ => (Some(self.bucket()), Some(self.key())),
        };
        // As Ferry makes its links.
        let is_link = form == Form::Presign && key.is_some() && self.chance(30);
        let headers = if is_link { Vec::new() } else { self.headers(scheme) };
        let additional = if scheme == Scheme::OssV4 && self.chance(40) {
            self.additional(&headers)
        } else {
            Vec::new()
        };
        Case {
            number,
            scheme,
            form,
            made_by: if is_link { MadeBy::Store(Rc::clone(&self.http)) } else { MadeBy::Signer },
            method: if is_link { "GET" } else { self.pick(words::METHODS) },
            endpoint: endpoint.to_owned(),
            addressing,
            style,
            bucket,
            key,
            query: if is_link { Vec::new() } else { self.query(scheme, form) },
            headers,
            additional,
            identity: self.someone(scheme, form),
            epoch_ms: self.moment(),
            expires: if scheme == Scheme::OssV1 && !is_link {
                self.rng.u64(1..100 * WEEK)
            } else {
                self.rng.u64(1..=WEEK)
            },
            region: region.to_owned(),
            product,
            body: if form == Form::Header && self.chance(50) {
                self.value(6)
            } else {
                String::new()
            },
            body_hash: if self.chance(50) { BodyHash::Signed } else { BodyHash::Unsigned },
        }
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(0..100) < percent
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.usize(0..from.len())]
    }

    fn someone(&mut self, scheme: Scheme, form: Form) -> Rc<Identity> {
        let without_token = self.party.without_token.contains(&(scheme, form));
        loop {
            let at = self.rng.usize(0..self.people.len());
            if !(without_token && self.people[at].token.is_some()) {
                return Rc::clone(&self.people[at]);
            }
        }
    }

    /// Milliseconds since 1970: on one of a few days, often at one of its ends.
    fn moment(&mut self) -> u64 {
        let second = match self.rng.u32(0..10) {
            0 => 0,
            1 => 86_399,
            _ => self.rng.u64(0..86_400),
        };
        let day = self.days[self.rng.usize(0..self.days.len())];
        (day * 86_400 + second) * 1000 + self.rng.u64(0..1000)
    }

    fn bucket(&mut self) -> String {
        let length = self.rng.usize(3..=20);
        let name: String = (0..length)
            .map(|_| self.pick(b"abcdefghijklmnopqrstuvwxyz0123456789") as char)
            .collect();
        if self.chance(30) { format!("{}-{name}", &name[..1]) } else { name }
    }

    fn piece(&mut self) -> String {
        let from = match self.rng.u32(0..100) {
            0..30 => words::PLAIN,
            30..55 => words::MARKS,
            55..70 => words::SLASHES,
            70..90 => words::WIDE,
            _ => return self.rng.char(..).to_string(),
        };
        self.pick(from).to_owned()
    }

    /// A text that is not empty.
    fn text(&mut self, most_pieces: usize) -> String {
        let pieces = self.rng.usize(1..=most_pieces);
        (0..pieces).map(|_| self.piece()).collect()
    }

    /// A key: any Unicode, dots, slashes, escapes that are none, control characters, up to the
    /// longest.
    pub(crate) fn key(&mut self) -> String {
        let most = if self.chance(3) { 300 } else { 10 };
        let mut key = self.text(most);
        if self.chance(10) {
            let control = self.pick(words::CONTROLS);
            key.push_str(control);
            key += &self.piece();
        }
        if self.chance(10) {
            key.push('/');
        }
        while key.len() > KEY_BYTES {
            key.pop();
        }
        key
    }

    /// A value of a query parameter or the text of a body: a flag's is empty.
    fn value(&mut self, most_pieces: usize) -> String {
        match self.rng.u32(0..100) {
            0..20 => String::new(),
            20..40 => self.rng.u32(..).to_string(),
            _ => self.text(most_pieces),
        }
    }

    fn query(&mut self, scheme: Scheme, form: Form) -> Pairs {
        let mut pairs = Pairs::new();
        let mut taken = BTreeSet::new();
        for _ in 0..self.rng.usize(0..7) {
            let name = match self.rng.u32(0..100) {
                0..50 => self.names[self.rng.usize(0..self.names.len())].clone(),
                50..75 => self.pick(words::PLAIN_NAMES).to_owned(),
                75..85 if !pairs.is_empty() => self.alike(&pairs),
                _ => self.text(3),
            };
            // A parameter that begins so is signed by the newer V1 signers and not by older ones:
            // those that both know are in `names`.
            let unclear = scheme == Scheme::OssV1
                && name.starts_with("x-oss-")
                && !self.names.contains(&name);
            let by_presign =
                form == Form::Presign && words::SET_BY_PRESIGN.contains(&name.as_str());
            let again = !taken.insert(name.clone());
            let repeatable =
                self.party.repeated_names == RepeatedNames::ByHeader && form == Form::Header;
            if !unclear && !by_presign && (!again || repeatable) {
                let value = self.value(4);
                pairs.push((name, value));
            }
        }
        self.rng.shuffle(&mut pairs);
        pairs
    }

    /// A name that is another's twin to a careless eye.
    fn alike(&mut self, pairs: &[(String, String)]) -> String {
        let name = &pairs[self.rng.usize(0..pairs.len())].0;
        match self.rng.u32(0..5) {
            0 => name.to_uppercase(),
            1 => format!("{name} "),
            2 => format!("{name}%20"),
            3 => format!("{name}="),
            _ => name.clone(),
        }
    }

    fn header_value(&mut self) -> String {
        const INNER: &[&str] = &[
            "a", "B c", "1  2", "照片", "ü", "=", ",", ";", "\"q\"", "%41", "x:y", "😀", "\t-",
            "\u{3000}", "\u{a0}",
        ];
        let length = self.rng.usize(1..5);
        // Blanks at the ends are no part of a value on the wire.
        (0..length)
            .map(|_| self.pick(INNER))
            .collect::<String>()
            .trim_matches([' ', '\t'])
            .to_owned()
    }

    fn headers(&mut self, scheme: Scheme) -> Pairs {
        let (own, meta) = match scheme {
            Scheme::OssV1 | Scheme::OssV4 => (words::OSS_HEADERS, "x-oss-meta-"),
            Scheme::S3 => (words::S3_HEADERS, "x-amz-meta-"),
        };
        let mut pairs = Pairs::new();
        for _ in 0..self.rng.usize(0..7) {
            let pair = match self.rng.u32(0..100) {
                0..40 => self.known_header(own),
                40..60 => {
                    let name = self.pick(&["a", "Author", "a-b", "a_b", "ab", "x", "Z9", "sha256"]);
                    (format!("{meta}{name}"), self.header_value())
                }
                60..70 => ("Content-MD5".to_owned(), "XrY7u+Ae7tCTyyK7j1rNww==".to_owned()),
                70..90 => self.known_header(words::OTHER_HEADERS),
                90..92 => (format!("{meta}empty"), String::new()),
                92..94 => ("X-Empty".to_owned(), String::new()),
                _ if scheme == Scheme::S3 => self.known_header(words::TRANSPORT_HEADERS),
                _ => continue,
            };
            let again = pairs.iter().any(|(name, _)| name.eq_ignore_ascii_case(&pair.0));
            if !again || (scheme == Scheme::S3 && self.chance(50)) {
                pairs.push(pair);
            }
        }
        if scheme == Scheme::S3 {
            self.loosen(&mut pairs);
        }
        pairs
    }

    /// Blanks that S3's signature takes away.
    fn loosen(&mut self, pairs: &mut Pairs) {
        for (_, value) in pairs {
            if self.chance(10) {
                *value = format!("  {value}\t ");
            }
        }
    }

    fn known_header(&mut self, from: &[(&str, &[&str])]) -> (String, String) {
        let (name, values) = self.pick(from);
        (name.to_owned(), self.pick(values).to_owned())
    }

    /// Headers to sign beside those that are signed anyway; some of those, and some that are not
    /// there or empty.
    fn additional(&mut self, headers: &Pairs) -> Vec<String> {
        let idle = self.party.idle_additional == IdleAdditional::Dropped;
        let wanted = headers
            .iter()
            .filter(|(_, value)| idle || !value.is_empty())
            .map(|(name, _)| name.clone());
        let mut names: Vec<String> = wanted.filter(|_| self.rng.bool()).collect();
        if idle {
            names.extend(
                ["X-Absent", "content-type", "date"]
                    .into_iter()
                    .filter(|_| self.rng.bool())
                    .map(str::to_owned),
            );
        }
        self.rng.shuffle(&mut names);
        names
    }
}

fn person(rng: &mut Rng, number: usize) -> Identity {
    const SECRET: &[&str] =
        &["a", "Zz9", "+/", "=", "-_", " ", "秘", "😀", "%41", "\"'", "xyz0123456789"];
    let mut text = |pieces: usize| -> String {
        (0..pieces).map(|_| SECRET[rng.usize(0..SECRET.len())]).collect()
    };
    // One of a single byte, some longer than a block of the hash.
    let secret = if number == 0 { "k".to_owned() } else { text(2 + number) };
    let token = number.is_multiple_of(3).then(|| format!("CAIS{}", text(12).trim_end()));
    let id = format!("LTAI5t{number}");
    Identity {
        credentials: Credentials {
            access_key_id: id.clone(),
            access_key_secret: Secret::new(secret.clone()),
            security_token: token.clone().map(Secret::new),
            expires_ms: None,
        },
        id,
        secret,
        token,
        keys: KeyCache::default(),
    }
}
