//! What work costs: CPU time of this process, of a thread, of another process; memory as the system
//! counts it. Wall time is never a figure here except where a person waits.

use std::{fs, time::Duration};

use rustix::time::{ClockId, clock_gettime};

/// CPU that this process has used, all threads, ended ones too.
pub(crate) fn process_cpu() -> Duration {
    read(ClockId::ProcessCPUTime)
}

/// CPU that the calling thread has used.
pub(crate) fn thread_cpu() -> Duration {
    read(ClockId::ThreadCPUTime)
}

fn read(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

/// CPU that `work` costs this process.
pub(crate) fn cpu_of<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = process_cpu();
    let value = work();
    (value, process_cpu() - began)
}

/// CPU that another process has used; the system counts it in hundredths of a second.
pub(crate) fn cpu_of_process(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name stands in brackets and may hold anything; user and system time are the 14th
    // and 15th field.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    let a_second = rustix::param::clock_ticks_per_second().max(1);
    Some(Duration::from_secs_f64(ticks as f64 / a_second as f64))
}

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) resident: u64,
    /// Of it, what is not a page of a file.
    pub(crate) anonymous: u64,
    /// The most that was ever resident.
    pub(crate) peak: u64,
}

/// What a process holds in memory now.
pub(crate) fn memory_of_process(pid: u32) -> Option<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let bytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().ok().map(|kib| kib * 1024)
    };
    Some(Memory {
        resident: bytes("VmRSS:")?,
        anonymous: bytes("RssAnon:")?,
        peak: bytes("VmHWM:")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_costs_cpu_and_sleep_does_not() {
        let spin = || (0..20_000_000u64).fold(1u64, |sum, n| std::hint::black_box(sum ^ n));
        let (_, worked) = cpu_of(spin);
        let before = thread_cpu();
        std::thread::sleep(Duration::from_millis(50));
        let slept = thread_cpu() - before;
        assert!(worked > slept, "{worked:?} {slept:?}");
        assert!(cpu_of_process(std::process::id()).is_some());
        assert!(
            memory_of_process(std::process::id())
                .is_some_and(|memory| memory.peak >= memory.anonymous)
        );
    }
}
