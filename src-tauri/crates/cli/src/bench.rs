//! `ferry bench`.

use ferry_app::model::bench::{Advice, BenchPhase, PhaseFigures};
use ferry_app::model::size::show_bytes;
use ferry_app::model::{Destination, Fault, FaultKind, Language, Text};
use ferry_app::{App, Bench, BenchPlan, BenchRequest, BenchRun, Cleanup};
use serde_json::{Value, json};

use crate::args::{BenchArguments, ConnectionArguments};
use crate::put::connection;
use crate::run::{Run, Waited, wait};
use crate::text::say;
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
    let BenchPlan { files, file_size, .. } = plan;
    let (bytes, requests) = (show_bytes(plan.bytes()), plan.requests());
    let sizes = [large_size, file_size].map(show_bytes);
    out.tell(&Text::new(
        format!(
            "Sending up to {bytes} to {place}: {large} × {}, then {files} × {}. That is about \
             {requests} requests, which cost as any others do. Everything is deleted again.",
            sizes[0], sizes[1]
        ),
        format!(
            "将向 {place} 发送最多 {bytes}：{large} × {}，然后 {files} × {}，约 {requests} 次请求，\
             按正常流量和请求计费。完成后全部删除。",
            sizes[0], sizes[1]
        ),
    ))
    .await;
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
        session.out.tell(&Text::new("Deleting what was made.", "正在删除已创建的内容。")).await;
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
        out.tell(&Text::new(
            format!("Deleted {deleted} objects and aborted {aborted} uploads: nothing is left."),
            format!("已删除 {deleted} 个对象，中止 {aborted} 个上传：没有残留。"),
        ))
        .await;
        return;
    }
    if let Some(fault) = fault {
        out.complain(fault).await;
    }
    let named: Vec<&str> = left.iter().take(MOST_NAMED).map(String::as_str).collect();
    let (count, named) = (left.len(), named.join(", "));
    out.tell(&Text::new(
        format!(
            "{count} objects or uploads may be left and cost storage: delete all below {place} \
             (as {named})."
        ),
        format!("可能残留 {count} 个对象或上传并产生存储费用：请删除 {place} 下的全部内容（如 {named}）。"),
    ))
    .await;
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
    let (objects, seconds) = (figures.objects, figures.seconds);
    let bytes = show_bytes(figures.acked_bytes);
    let speed = show_bytes(figures.bytes_per_second() as u64);
    let each = figures.objects_per_second();
    let head = match figures.phase {
        BenchPhase::Large => Text::new(
            format!("Large files: {speed}/s ({objects} objects, {bytes} in {seconds:.1} s)"),
            format!("大文件：{speed}/s（{seconds:.1} 秒，{objects} 个对象，{bytes}）"),
        ),
        BenchPhase::Small => Text::new(
            format!(
                "Small files: {each:.1} objects/s ({objects} objects, {bytes} in {seconds:.1} s)"
            ),
            format!("小文件：{each:.1} 个/秒（{seconds:.1} 秒，{objects} 个对象，{bytes}）"),
        ),
    };
    let (requests, answers, retries) = (figures.requests, figures.answers, figures.retries);
    let times = Text::new(
        format!(
            "  requests p50 {:.0} ms, p95 {:.0} ms, p99 {:.0} ms; answers p50 {:.0} ms, p95 {:.0} \
             ms, p99 {:.0} ms ({} requests, {retries} tried again)",
            requests.p50_ms,
            requests.p95_ms,
            requests.p99_ms,
            answers.p50_ms,
            answers.p95_ms,
            answers.p99_ms,
            requests.count
        ),
        format!(
            "  请求 p50 {:.0} 毫秒，p95 {:.0} 毫秒，p99 {:.0} 毫秒；响应 p50 {:.0} 毫秒，p95 {:.0} \
             毫秒，p99 {:.0} 毫秒（{} 次请求，重试 {retries} 次）",
            requests.p50_ms,
            requests.p95_ms,
            requests.p99_ms,
            answers.p50_ms,
            answers.p95_ms,
            answers.p99_ms,
            requests.count
        ),
    );
    let (parallel, why) = (figures.parallel, figures.chosen.text());
    let unknown = || Text::new("nothing that shows", "无明显瓶颈");
    let limited = figures.limited_by().map_or_else(unknown, |limit| limit.text());
    let choice = Text::new(
        format!("  {parallel} requests side by side: {why}; limited by {limited}"),
        format!(
            "  并发请求 {parallel}：{}；瓶颈：{}",
            why.in_language(Language::Zh),
            limited.in_language(Language::Zh)
        ),
    );
    [head, times, choice].iter().map(say).collect()
}

fn advice_line(advice: &Advice) -> String {
    let phase = match advice.phase {
        BenchPhase::Large => Text::new("Large files", "大文件"),
        BenchPhase::Small => Text::new("Small files", "小文件"),
    };
    let [phase, text] = [&phase, &advice.text].map(say);
    say(&Text::new(format!("{phase}: {text}"), format!("{phase}：{text}")))
}
