//! `ferry bench`.

use ferry_app::model::bench::{Advice, BenchPhase, Percentiles, PhaseFigures};
use ferry_app::model::size::show_bytes;
use ferry_app::model::{Destination, Fault, FaultKind, LimitedBy, Text, message};
use ferry_app::{App, Bench, BenchRequest, BenchRun, Cleanup};
use serde_json::{Value, json};

use crate::args::{BenchArguments, ConnectionArguments};
use crate::put::connection;
use crate::run::{AfterEnd, Run, Waited, wait};
use crate::text::{say, show_speed};
use crate::{Exit, Session};

/// Keys that are named where they could not be deleted; the prefix tells the others.
const MOST_NAMED: usize = 5;

pub(crate) async fn bench(arguments: BenchArguments, session: &Session) -> Result<Exit, Fault> {
    // Only read, so that it works beside a window; and written to by no benchmark.
    let user = crate::open_reading(arguments.data.data_dir.clone()).await?;
    let outcome = bench_with(&user, &arguments, session).await;
    user.shutdown().await;
    outcome
}

/// What became of the phases.
#[derive(Debug, Default)]
struct Outcome {
    figures: Vec<PhaseFigures>,
    cleanup: Cleanup,
    interrupted: bool,
    fault: Option<Fault>,
}

async fn bench_with(
    user: &App,
    arguments: &BenchArguments,
    session: &Session,
) -> Result<Exit, Fault> {
    let prepared = tokio::select! {
        prepared = prepare(user, arguments) => prepared?,
        () = session.signals.received() => return Ok(Exit::Interrupted),
    };
    let (bench, place) = prepared;
    announce(&place, arguments, session).await;
    let mut outcome = Outcome::default();
    for phase in [BenchPhase::Large, BenchPhase::Small] {
        run_phase(&bench, phase, arguments, session, &mut outcome).await;
        if outcome.interrupted || outcome.fault.is_some() {
            break;
        }
    }
    tell(&place, &outcome, arguments, session).await;
    let fine = outcome.fault.is_none() && outcome.cleanup.left.is_empty();
    Ok(match (outcome.interrupted, fine) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Fine,
        (false, false) => Exit::Failed,
    })
}

/// The benchmark and where it goes, as people write it.
async fn prepare(user: &App, arguments: &BenchArguments) -> Result<(Bench, String), Fault> {
    let mut chosen = arguments.connection.clone();
    let destination = if arguments.bucket.contains("://") {
        Destination::parse(&arguments.bucket)?
    } else {
        let ConnectionArguments { profile, endpoint, region, .. } = &chosen;
        if profile.is_some() || endpoint.is_some() || region.is_some() {
            return Err(Fault::new(FaultKind::InvalidInput)
                .with_subject(arguments.bucket.clone())
                .with_detail("a profile has its address: --endpoint goes with oss:// or s3://"));
        }
        let profile = user.profile_named(&arguments.bucket).await?;
        chosen.profile = Some(profile.name);
        Destination { provider: profile.provider, bucket: profile.bucket, prefix: profile.prefix }
    };
    let (provider, bucket) = (destination.provider, destination.bucket.clone());
    let connection = connection(user, &chosen, &destination).await?;
    let network = arguments.network.network()?;
    let plan = arguments.plan();
    let bench = user.bench(BenchRequest { destination, connection, network, plan })?;
    let place = format!("{}://{bucket}/{}", provider.word(), bench.prefix());
    Ok((bench, place))
}

/// Says what will be sent, before anything is.
async fn announce(place: &str, arguments: &BenchArguments, Session { out, .. }: &Session) {
    let plan = arguments.plan();
    if arguments.json {
        out.json(&json!({
            "type": "plan", "place": place, "bytes": plan.bytes(), "requests": plan.requests(),
            "seconds": arguments.most_time().as_secs(),
        }))
        .await;
    }
    let (large, large_size) = plan.files_of(BenchPhase::Large);
    let text = message::bench_sending(
        show_bytes(plan.bytes()),
        place,
        large,
        show_bytes(large_size),
        plan.files,
        show_bytes(plan.file_size),
        plan.requests(),
    );
    out.tell(&text).await;
}

/// Runs a phase and takes back what it made.
async fn run_phase(
    bench: &Bench,
    phase: BenchPhase,
    arguments: &BenchArguments,
    session: &Session,
    outcome: &mut Outcome,
) {
    if session.signals.came() {
        outcome.interrupted = true;
        return;
    }
    let mut run = match bench.begin(phase).await {
        Ok(run) => run,
        Err(fault) => {
            outcome.fault = Some(fault);
            return;
        }
    };
    let measured = measure(&mut run, arguments, session, outcome).await;
    if outcome.interrupted {
        session.out.tell(&message::bench_deleting()).await;
    }
    let cleanup = run.clean().await;
    outcome.cleanup.deleted += cleanup.deleted;
    outcome.cleanup.aborted += cleanup.aborted;
    outcome.cleanup.left.extend(cleanup.left);
    outcome.cleanup.fault = cleanup.fault.or(outcome.cleanup.fault.take());
    match measured {
        Ok(figures) => outcome.figures.push(figures),
        Err(fault) => outcome.fault = Some(fault),
    }
}

async fn measure(
    run: &mut BenchRun,
    arguments: &BenchArguments,
    session: &Session,
    outcome: &mut Outcome,
) -> Result<PhaseFigures, Fault> {
    let app = run.app();
    arguments.pace.set(&app);
    let watched = Run {
        batch: Some(run.batch()),
        limit: arguments.wait.wait,
        reading: Some(run.reading()),
        progress: arguments.progress.progress,
        json: arguments.json,
        after: AfterEnd::GoesOn,
    };
    let ended = wait(&app, watched, session, run.finished(arguments.most_time())).await?;
    match ended.waited {
        Waited::Rested => {}
        Waited::Interrupted => outcome.interrupted = true,
        Waited::Away(fault) => outcome.fault = Some(*fault),
    }
    let figures = run.figures().await?;
    // Where the time was up before anything was stored, there is a reason as well.
    let failed = figures.unfinished > 0 || figures.acked_bytes == 0;
    if failed && outcome.fault.is_none() && !outcome.interrupted {
        let unknown = || Fault::new(FaultKind::Stalled);
        outcome.fault = Some(run.fault().await?.unwrap_or_else(unknown));
    }
    Ok(figures)
}

async fn tell(
    place: &str,
    outcome: &Outcome,
    arguments: &BenchArguments,
    Session { out, .. }: &Session,
) {
    if let Some(fault) = &outcome.fault {
        out.complain(fault).await;
    }
    // Half a phase advises nothing.
    let judged = outcome.figures.iter().filter(|_| !outcome.interrupted);
    let advice: Vec<Advice> = judged.flat_map(PhaseFigures::advice).collect();
    if arguments.json {
        out.json(&last_line(place, outcome, &advice)).await;
    } else {
        let mut lines: Vec<String> = Vec::new();
        for figures in &outcome.figures {
            lines.extend(figure_lines(figures));
        }
        lines.extend(advice.iter().map(advice_line));
        out.lines(&lines).await;
    }
    let Cleanup { deleted, aborted, left, fault } = &outcome.cleanup;
    if left.is_empty() {
        out.tell(&message::bench_deleted(*deleted, *aborted)).await;
        return;
    }
    if let Some(fault) = fault {
        out.complain(fault).await;
    }
    let named: Vec<&str> = left.iter().take(MOST_NAMED).map(String::as_str).collect();
    out.tell(&message::bench_left(left.len(), place, named.join(", "))).await;
}

fn last_line(place: &str, outcome: &Outcome, advice: &[Advice]) -> Value {
    let mut line = json!({
        "type": "bench", "place": place, "advice": advice,
        "cleanup": {
            "deleted": outcome.cleanup.deleted, "aborted": outcome.cleanup.aborted,
            "left": outcome.cleanup.left, "fault": outcome.cleanup.fault,
        },
    });
    for figures in &outcome.figures {
        line[name_of(figures.phase)] = figures_json(figures);
    }
    if let Some(fault) = &outcome.fault {
        line["fault"] = json!(fault);
    }
    line
}

fn name_of(phase: BenchPhase) -> &'static str {
    match phase {
        BenchPhase::Large => "large",
        BenchPhase::Small => "small",
    }
}

fn figures_json(figures: &PhaseFigures) -> Value {
    let rounded = |number: f64| (number * 1_000.0).round() / 1_000.0;
    json!({
        "objects": figures.objects, "unfinished": figures.unfinished,
        "acked_bytes": figures.acked_bytes, "seconds": rounded(figures.seconds),
        "bytes_per_second": figures.bytes_per_second().round(),
        "objects_per_second": rounded(figures.objects_per_second()),
        "requests": figures.requests, "answers": figures.answers, "retries": figures.retries,
        "parallel": figures.parallel, "parallel_chosen": figures.chosen,
        "slow_down_seconds": rounded(figures.waits.slow_down),
        "limited_by": figures.limited_by(),
    })
}

/// The figures of a phase, for people.
fn figure_lines(figures: &PhaseFigures) -> Vec<String> {
    let [requests, answers] = [figures.requests, figures.answers].map(percentiles);
    let count = figures.requests.count;
    let times = message::bench_times(requests, answers, count, figures.retries);
    let limited = figures.limited_by().map_or_else(message::bench_no_limit, LimitedBy::text);
    let choice = message::bench_parallel(figures.parallel, figures.chosen.text(), limited);
    vec![say(&speed(figures)), format!("  {}", say(&times)), format!("  {}", say(&choice))]
}

fn percentiles(Percentiles { p50_ms, p95_ms, p99_ms, .. }: Percentiles) -> Text {
    let [p50, p95, p99] = [p50_ms, p95_ms, p99_ms].map(|time| format!("{time:.0}"));
    message::bench_percentiles(p50, p95, p99)
}

/// How fast it went, in what its phase is about.
fn speed(figures: &PhaseFigures) -> Text {
    let (objects, bytes) = (figures.objects, show_bytes(figures.acked_bytes));
    let seconds = format!("{:.1}", figures.seconds);
    match figures.phase {
        BenchPhase::Large => {
            let speed = show_speed(figures.bytes_per_second() as u64);
            message::bench_large(speed, objects, bytes, seconds)
        }
        BenchPhase::Small => {
            let each = format!("{:.1}", figures.objects_per_second());
            message::bench_small(each, objects, bytes, seconds)
        }
    }
}

fn advice_line(advice: &Advice) -> String {
    let text = advice.text.clone();
    say(&match advice.phase {
        BenchPhase::Large => message::bench_advice_large(text),
        BenchPhase::Small => message::bench_advice_small(text),
    })
}
