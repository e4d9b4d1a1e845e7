//! The controller against links, without time: a link is a few lines of arithmetic.

use super::*;

const MBIT: f64 = 1e6 / 8.0;
const MIB: f64 = 1024.0 * 1024.0;
/// A step of the simulated time, in seconds.
const STEP: f64 = 0.002;
/// Most bytes under way on a connection: what Linux lets one grow to.
const MOST_UNDER_WAY: f64 = 4.0 * MIB;

/// Bytes a second that pass, a round trip in seconds and by which share of it an answer may be
/// sooner or later, how many requests a second the store takes, and the share of requests that
/// break half way.
#[derive(Debug, Clone, Copy)]
struct Link {
    rate: f64,
    latency: f64,
    jitter: f64,
    requests: f64,
    broken: f64,
}

impl Link {
    fn new(mbit: f64, milliseconds: f64) -> Self {
        Self {
            rate: mbit * MBIT,
            latency: milliseconds / 1e3,
            jitter: 0.0,
            requests: f64::INFINITY,
            broken: 0.0,
        }
    }

    /// What the most connections can move: the link, or what they keep under way.
    fn reach(&self, ceiling: usize, size: f64) -> f64 {
        let by_windows = ceiling as f64 * MOST_UNDER_WAY / self.latency.max(1e-9);
        let answers = ceiling as f64 * size / (self.latency + STEP);
        self.rate.min(by_windows).min(if size < MIB { answers } else { f64::INFINITY })
    }
}

/// A connection: its window doubles with each round trip, as TCP's does at first.
#[derive(Debug, Clone)]
struct Connection {
    window: f64,
    left: f64,
    /// Seconds until the answer, once all bytes have left.
    answer_in: f64,
    breaks: bool,
}

/// One user of a link.
struct User {
    concurrency: Concurrency,
    size: f64,
    connections: Vec<Connection>,
    round: Round,
    random: u64,
    tokens: f64,
    moved: f64,
}

impl User {
    fn new(parallel: Parallel, bounds: Bounds, size: f64) -> Self {
        let concurrency = Concurrency::new(parallel, bounds);
        Self {
            concurrency,
            size,
            connections: Vec::new(),
            round: Round::default(),
            random: 7,
            tokens: 0.0,
            moved: 0.0,
        }
    }

    fn fraction(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) as f64 / (1u64 << 53) as f64
    }

    fn answer_in(&mut self, link: &Link) -> f64 {
        link.latency * (1.0 + link.jitter * (2.0 * self.fraction() - 1.0))
    }

    fn begin(&mut self, link: &Link) {
        while self.connections.len() < self.concurrency.allowed() {
            let breaks = self.fraction() < link.broken;
            let left = if breaks { self.size / 2.0 } else { self.size };
            // Each step takes the window of one that ended: connections are used again.
            let window = 64.0 * 1024.0;
            let answer_in = self.answer_in(link);
            self.connections.push(Connection { window, left, answer_in, breaks });
        }
        self.round.full = true;
    }

    /// Sends what a connection can in a step; at most `free`.
    fn send(&mut self, link: &Link, at: usize, free: f64) -> f64 {
        let connection = &mut self.connections[at];
        let round_trip = link.latency.max(STEP);
        let moved = free.min(connection.window / round_trip * STEP).min(connection.left).max(0.0);
        if moved > 0.0 {
            connection.window *= 1.0 + STEP / round_trip;
            connection.window = connection.window.min(MOST_UNDER_WAY);
        }
        connection.left -= moved;
        self.round.bytes += moved as u64;
        moved
    }

    fn step(&mut self, link: &Link) {
        self.tokens = (self.tokens + link.requests * STEP).min(link.requests / 10.0 + 1.0);
        let mut over = Vec::new();
        for (at, connection) in self.connections.iter_mut().enumerate() {
            if connection.left > 0.0 {
                continue;
            }
            connection.answer_in -= STEP;
            if connection.answer_in <= 0.0 {
                over.push(at);
            }
        }
        for at in over {
            let refused = self.connections[at].breaks || self.tokens < 1.0;
            if refused {
                self.round.refused += 1;
            } else {
                self.tokens -= 1.0;
                self.round.answered += 1;
                self.moved += self.size;
            }
            let breaks = self.fraction() < link.broken;
            let answer_in = self.answer_in(link);
            let connection = &mut self.connections[at];
            connection.left = if breaks { self.size / 2.0 } else { self.size };
            connection.answer_in = answer_in;
            connection.breaks = breaks;
            if self.connections.len() > self.concurrency.allowed() {
                self.connections[at].left = -1.0;
            }
        }
        self.connections.retain(|connection| connection.left >= 0.0);
        self.round.time += Duration::from_secs_f64(STEP);
        let finished = self.round.answered + self.round.refused;
        if self.concurrency.is_over(self.round.time, finished) {
            self.concurrency.observe(&self.round);
            self.round = Round::default();
        }
    }
}

/// Bytes a second that each user moved in each second.
fn run(users: &mut [User], links: impl Fn(usize) -> Link, seconds: usize) -> Vec<Vec<f64>> {
    let steps = (1.0 / STEP) as usize;
    let mut turn = 0;
    (0..seconds)
        .map(|second| {
            let link = links(second);
            let before: Vec<f64> = users.iter().map(sent).collect();
            for _ in 0..steps {
                serve(users, &link, &mut turn);
                for user in users.iter_mut() {
                    user.step(&link);
                }
            }
            users.iter().zip(before).map(|(user, before)| sent(user) - before).collect()
        })
        .collect()
}

/// Serves the connections one after the other, from where the step before ended, as a queue of
/// packets does.
fn serve(users: &mut [User], link: &Link, turn: &mut usize) {
    let mut free = link.rate * STEP;
    let mut waiting: Vec<(usize, usize)> = Vec::new();
    for (number, user) in users.iter_mut().enumerate() {
        user.begin(link);
        waiting.extend((0..user.connections.len()).map(|at| (number, at)));
    }
    let count = waiting.len();
    for step in 0..count {
        let (number, at) = waiting[(*turn + step) % count];
        free -= users[number].send(link, at, free);
        if free <= 0.0 {
            *turn = (*turn + step + 1) % count;
            return;
        }
    }
}

/// What a user's requests moved, those under way too.
fn sent(user: &User) -> f64 {
    let under_way = user.connections.iter().map(|connection| {
        let whole = if connection.breaks { user.size / 2.0 } else { user.size };
        if connection.breaks { 0.0 } else { whole - connection.left }
    });
    user.moved + under_way.sum::<f64>()
}

fn mean(rates: &[f64]) -> f64 {
    rates.iter().sum::<f64>() / rates.len() as f64
}

fn of_user(seconds: &[Vec<f64>], user: usize) -> Vec<f64> {
    seconds.iter().map(|users| users[user]).collect()
}

/// The largest distance from the mean, as a share of it, over spans of five seconds.
fn swing(rates: &[f64]) -> f64 {
    let spans: Vec<f64> = rates.chunks(5).map(mean).collect();
    let middle = mean(&spans);
    spans.iter().map(|rate| (rate - middle).abs() / middle).fold(0.0, f64::max)
}

#[test]
fn a_link_is_filled_within_ten_seconds_and_stays_full() {
    for mbit in [1.0, 10.0, 100.0, 1_000.0, 10_000.0] {
        for latency in [0.0, 20.0, 100.0, 300.0] {
            for broken in [0.0, 0.01] {
                let size = (mbit * MBIT * 5.0).min(8.0 * MIB);
                let link = Link { broken, ..Link::new(mbit, latency) };
                let mut user = [User::new(Parallel::Automatic, Bounds::LARGE, size)];
                let rates = of_user(&run(&mut user, |_| link, 60), 0);
                let filled = mean(&rates[10..]) / link.reach(Bounds::LARGE.ceiling, size);
                let swing = swing(&rates[10..]);
                let now = user[0].concurrency.allowed();
                let what =
                    format!("{mbit} Mbit/s, {latency} ms, {broken}: {filled}, {swing}, {now}");
                // Of so long a link, the parts of even the most connections fill less.
                let wanted = if mbit * latency > 1e6 { 0.84 } else { 0.95 };
                assert!(filled >= wanted, "{what}");
                assert!(swing <= 0.2, "{what}");
            }
        }
    }
}

#[test]
fn small_files_hide_the_latency() {
    for mbit in [1.0, 10.0, 100.0, 1_000.0, 10_000.0] {
        for latency in [0.0, 20.0, 50.0, 100.0, 300.0] {
            let (link, size) = (Link::new(mbit, latency), 8.0 * 1024.0);
            let mut user = [User::new(Parallel::Automatic, Bounds::SMALL, size)];
            let rates = of_user(&run(&mut user, |_| link, 40), 0);
            let filled = mean(&rates[10..]) / link.reach(Bounds::SMALL.ceiling, size);
            let swing = swing(&rates[10..]);
            let now = user[0].concurrency.allowed();
            let what = format!("{mbit} Mbit/s, {latency} ms: {filled}, {swing}, {now}");
            assert!(filled >= 0.94, "{what}");
            assert!(swing <= 0.2, "{what}");
        }
    }
}

/// Answers that come sooner or later by chance: what moves in a round says little by itself.
#[test]
fn small_files_hide_a_latency_that_changes_from_answer_to_answer() {
    for (latency, wanted) in [(50.0, 0.97), (400.0, 0.92)] {
        for jitter in [0.5, 1.0] {
            let size = 8.0 * 1024.0;
            let link = Link { jitter, ..Link::new(1_000.0, latency) };
            let mut user = [User::new(Parallel::Automatic, Bounds::SMALL, size)];
            let rates = of_user(&run(&mut user, |_| link, 60), 0);
            let filled = mean(&rates[20..]) / link.reach(Bounds::SMALL.ceiling, size);
            assert!(filled >= wanted, "{latency} ms, {jitter}: {filled}");
        }
    }
}

#[test]
fn a_link_that_changes_is_followed() {
    let link = |second| match second {
        0..30 => Link::new(10.0, 50.0),
        30..60 => Link::new(2_000.0, 150.0),
        _ => Link::new(20.0, 30.0),
    };
    let mut user = [User::new(Parallel::Automatic, Bounds::LARGE, 8.0 * MIB)];
    let rates = of_user(&run(&mut user, link, 90), 0);
    for (from, to, mbit) in [(10, 30, 10.0), (45, 60, 2_000.0), (70, 90, 20.0)] {
        let filled = mean(&rates[from..to]) / (mbit * MBIT);
        assert!(filled >= 0.95, "seconds {from} to {to}: {filled}");
    }
}

/// More requests on a full link only wait longer for each other: the latency grows, and nothing
/// else.
#[test]
fn requests_that_only_wait_longer_are_given_back() {
    let wide = Link::new(2_000.0, 100.0);
    let narrow = Link::new(20.0, 20.0);
    for (bounds, size) in [(Bounds::LARGE, 8.0 * MIB), (Bounds::SMALL, 8.0 * 1024.0)] {
        let mut user = [User::new(Parallel::Automatic, bounds, size)];
        run(&mut user, |_| wide, 30);
        let before = user[0].concurrency.allowed();
        assert!(before > 2 * bounds.start, "{before} on the wide link");
        let rates = of_user(&run(&mut user, |_| narrow, 120), 0);
        let (now, filled) = (user[0].concurrency.allowed(), mean(&rates[60..]) / narrow.rate);
        assert!(now <= before / 3, "{now} of {before} are left");
        assert!(filled >= 0.95, "{filled}");
    }
}

#[test]
fn two_profiles_share_a_link() {
    for (mbit, latency) in [(10.0, 20.0), (100.0, 50.0), (1_000.0, 100.0)] {
        let link = Link::new(mbit, latency);
        let second = User::new(Parallel::Automatic, Bounds::LARGE, 8.0 * MIB);
        let mut users = [User::new(Parallel::Automatic, Bounds::LARGE, 8.0 * MIB), second];
        // One of them has been at it for long.
        run(&mut users[..1], |_| link, 30);
        let seconds = run(&mut users, |_| link, 60);
        let share = |user| mean(&of_user(&seconds, user)[30..]) / link.rate;
        let (one, other) = (share(0), share(1));
        let what = format!("{mbit} Mbit/s, {latency} ms: {one} and {other}");
        assert!(one + other >= 0.95, "{what}");
        assert!((one - other).abs() <= 0.2, "{what}");
    }
}

#[test]
fn a_store_that_asks_to_slow_down_gets_what_it_takes() {
    for requests in [5.0, 50.0, 500.0] {
        let link = Link { requests, ..Link::new(1_000.0, 20.0) };
        let size = 8.0 * 1024.0;
        let mut user = [User::new(Parallel::Automatic, Bounds::SMALL, size)];
        let rates = of_user(&run(&mut user, |_| link, 60), 0);
        let taken = mean(&rates[10..]) / size / requests;
        let swing = swing(&rates[10..]);
        assert!(taken >= 0.85, "{requests} a second: {taken}");
        assert!(swing <= 0.2, "{requests} a second: {swing}");
    }
}

fn round(answered: u32, refused: u32) -> Round {
    let time = Duration::from_millis(100);
    Round { time, bytes: u64::from(answered) * 1_000, answered, refused, full: true }
}

#[test]
fn a_fixed_number_is_lowered_by_refusals_only_and_comes_back() {
    let mut concurrency = Concurrency::new(Parallel::Fixed(8), Bounds::LARGE);
    for _ in 0..50 {
        assert!(!concurrency.observe(&round(8, 0)));
    }
    assert!(concurrency.observe(&round(0, 8)));
    assert_eq!(concurrency.allowed(), 4);
    for _ in 0..9 {
        concurrency.observe(&round(0, 4));
    }
    assert_eq!(concurrency.allowed(), 1, "one is always allowed");
    for _ in 0..20 {
        concurrency.observe(&round(8, 0));
    }
    assert_eq!(concurrency.allowed(), 8);
}

#[test]
fn a_few_refusals_are_accidents() {
    let mut concurrency = Concurrency::new(Parallel::Fixed(64), Bounds::SMALL);
    for number in 0..200 {
        concurrency.observe(&round(63, u32::from(number % 2 == 0)));
    }
    assert_eq!(concurrency.allowed(), 64);
    // The same one of four, time and again, is none.
    let mut concurrency = Concurrency::new(Parallel::Fixed(64), Bounds::LARGE);
    assert!((0..8).any(|_| concurrency.observe(&round(3, 1))));
}

#[test]
fn a_round_without_enough_to_do_says_nothing() {
    let mut concurrency = Concurrency::new(Parallel::Automatic, Bounds::LARGE);
    for _ in 0..100 {
        assert!(!concurrency.observe(&Round { full: false, ..round(1, 0) }));
    }
    assert_eq!(concurrency.allowed(), Bounds::LARGE.start);
}

#[test]
fn it_says_why_the_number_is_what_it_is() {
    let round = |bytes: u64, refused| Round {
        time: Duration::from_millis(500),
        bytes,
        answered: 20,
        refused,
        full: true,
    };
    let mut automatic = Concurrency::new(Parallel::Automatic, Bounds::SMALL);
    assert_eq!(automatic.chosen(), Chosen::Start);
    automatic.observe(&round(64 << 20, 0));
    assert_eq!((automatic.allowed(), automatic.chosen()), (32, Chosen::Growing));
    // Three times the same: no more is tried for a while.
    for _ in 0..3 {
        automatic.observe(&round(64 << 20, 0));
    }
    assert_eq!(automatic.chosen(), Chosen::Best);
    automatic.observe(&round(64 << 20, 20));
    assert_eq!(automatic.chosen(), Chosen::SlowedDown);
    let mut rising = Concurrency::new(Parallel::Automatic, Bounds::SMALL);
    for step in 0..8 {
        rising.observe(&round(1 << (20 + step), 0));
    }
    assert_eq!((rising.allowed(), rising.chosen()), (256, Chosen::Ceiling));
    let mut fixed = Concurrency::new(Parallel::Fixed(8), Bounds::SMALL);
    assert_eq!(fixed.chosen(), Chosen::Fixed);
    fixed.observe(&round(0, 20));
    assert_eq!(fixed.chosen(), Chosen::SlowedDown);
}
