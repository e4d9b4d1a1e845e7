//! What this process takes of the computer.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// What the process takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessUse {
    /// Share of one processor since the last look, at first since its start; above 1 with several.
    pub processors: f64,
    /// Bytes of memory that are its own or shared, as the system counts them.
    pub memory: u64,
}

/// Measures it.
#[derive(Debug)]
pub(crate) struct ProcessMeter {
    last: Mutex<Last>,
}

#[derive(Debug)]
struct Last {
    /// `None` where the system does not tell.
    system: Option<System>,
    at: Instant,
    processor_time: Duration,
    told: ProcessUse,
}

/// Looks closer together than this tell nothing of the processor.
const APART: Duration = Duration::from_millis(200);

impl ProcessMeter {
    pub(crate) fn new() -> Self {
        let last = Last {
            system: System::new().ok(),
            at: Instant::now(),
            processor_time: Duration::ZERO,
            told: ProcessUse::default(),
        };
        Self { last: Mutex::new(last) }
    }

    pub(crate) fn measure(&self) -> ProcessUse {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = last.at.elapsed();
        if elapsed < APART && last.told != ProcessUse::default() {
            return last.told;
        }
        let pid = Pid::from_u32(std::process::id());
        let wanted = ProcessRefreshKind::nothing().with_cpu().with_memory();
        let told = last.told;
        let Some(system) = &mut last.system else { return told };
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, wanted);
        let Some(process) = system.process(pid) else { return told };
        let processor_time = Duration::from_millis(process.accumulated_cpu_time());
        let memory = process.memory();
        let spent = processor_time.saturating_sub(last.processor_time);
        let processors = spent.as_secs_f64() / elapsed.as_secs_f64().max(0.001);
        last.at = Instant::now();
        last.processor_time = processor_time;
        last.told = ProcessUse { processors, memory };
        last.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_process_takes_memory_and_a_processor() {
        let meter = ProcessMeter::new();
        meter.measure();
        let busy = Instant::now();
        let mut sum = 0_u64;
        while busy.elapsed() < Duration::from_millis(600) {
            sum = sum.wrapping_add(busy.elapsed().as_nanos() as u64);
        }
        let told = meter.measure();
        assert!(sum > 0 && told.memory > 1024 * 1024, "{told:?}");
        // Other tests may keep the processors busy.
        assert!(told.processors > 0.05, "{told:?}");
    }
}
