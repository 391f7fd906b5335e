//! The import of an archive, whole and killed on its way: what it holds, what it costs, and that nothing is lost.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use anyhow::{Context, bail};

use crate::{
    arguments::Archive,
    clock::{Memory, cpu_of_process, memory_of_process},
    figures::{Figures, progress, rate},
    server::program,
};

const PART: &str = "archive";

/// How often a program that runs is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Imports the archive that was written: once whole, once more, and into another wire with a kill now and then.
pub(crate) fn measure(figures: &mut Figures, wanted: &Archive) -> anyhow::Result<()> {
    let Some(program) = program() else {
        figures.left_out(PART, "the program is not beside this one; name it in DEPECHE");
        return Ok(());
    };
    let (file, count) = (&*wanted.out, wanted.count);
    // Beside the archive, where there is room for it.
    let beside = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = beside.unwrap_or(Path::new("."));
    let folder = tempfile::Builder::new().prefix("archive-").tempdir_in(beside)?;
    let import = |data: &str| Import { program: &program, data: folder.path().join(data), file };
    let megabytes = fs::metadata(file)?.len() as f64 / 1e6;
    figures.tell(PART, "bytes of the file", megabytes, "MB");

    progress("importing it");
    let whole = import("whole");
    let spent = whole.run()?;
    let (items, versions) = whole.told()?;
    figures.tell(PART, "CPU of its import", spent.cpu.as_secs_f64(), "s");
    figures.tell(PART, "items a second of CPU", rate(items, spent.cpu), "/s");
    let peak = spent.memory.map_or(0, |memory| memory.peak) as f64 / 1e6;
    figures.tell(PART, "most that was resident", peak, "MB");
    figures.held(PART, "pages missing, or there twice", astray(count, items, versions), "", "0");
    let again = whole.run()?.cpu.as_secs_f64() / megabytes * 1000.0;
    figures.tell(PART, "CPU where all of it is in already", again, "s/GB");

    progress(&format!("importing it with {} kills", wanted.kills));
    let killed = import("killed");
    let mut kills = 0;
    for number in 1..=wanted.kills {
        // Each run goes on where the last was: together they come to the end but once.
        kills += usize::from(killed.kill_after(spent.cpu / (wanted.kills + 1), number)?);
    }
    killed.run()?;
    let (items, versions) = killed.told()?;
    let name = format!("pages missing, or there twice, after {kills} kills");
    figures.held(PART, &name, astray(count, items, versions), "", "0");
    Ok(())
}

/// How many are not there, and how many versions there are beyond one of each.
fn astray(count: usize, items: usize, versions: usize) -> f64 {
    (count.abs_diff(items) + versions.abs_diff(items)) as f64
}

/// An import of one file into one wire.
struct Import<'i> {
    program: &'i Path,
    data: std::path::PathBuf,
    file: &'i Path,
}

/// What a run took.
struct Spent {
    cpu: Duration,
    memory: Option<Memory>,
}

impl Import<'_> {
    fn start(&self) -> anyhow::Result<Running> {
        let mut command = Command::new(self.program);
        command.arg("import").arg("--data").arg(&self.data).arg(self.file);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let started = command.spawn();
        started.map(Running).with_context(|| format!("cannot start {command:?}"))
    }

    /// Imports to the end.
    fn run(&self) -> anyhow::Result<Spent> {
        let mut running = self.start()?;
        let mut spent = Spent { cpu: Duration::ZERO, memory: None };
        // One that has ended still has its CPU, to the last tick, until it is waited for; its memory is gone.
        while !running.has_ended() {
            spent.memory = memory_of_process(running.0.id()).or(spent.memory);
            sleep(LOOK_EVERY);
        }
        spent.cpu = cpu_of_process(running.0.id()).unwrap_or_default();
        let status = running.0.wait()?;
        if !status.success() {
            bail!("the import failed ({status})");
        }
        Ok(spent)
    }

    /// Imports for so much CPU, then kills; false where it was done before.
    fn kill_after(&self, cpu: Duration, number: u32) -> anyhow::Result<bool> {
        let mut running = self.start()?;
        while !running.has_ended() {
            if cpu_of_process(running.0.id()).is_some_and(|spent| spent >= cpu) {
                progress(&format!("kill {number}"));
                running.0.kill()?;
                running.0.wait()?;
                return Ok(true);
            }
            sleep(LOOK_EVERY);
        }
        running.0.wait()?;
        Ok(false)
    }

    /// The items of the wire, and their versions.
    fn told(&self) -> anyhow::Result<(usize, usize)> {
        let said =
            Command::new(self.program).arg("items").arg("--data").arg(&self.data).output()?;
        if !said.status.success() {
            bail!("the wire cannot be listed: {}", String::from_utf8_lossy(&said.stderr));
        }
        let (mut items, mut versions) = (0, 0);
        for line in String::from_utf8_lossy(&said.stdout).lines() {
            let item: serde_json::Value = serde_json::from_str(line)?;
            items += 1;
            versions += item["versions"].as_u64().unwrap_or(0) as usize;
        }
        Ok((items, versions))
    }
}

/// An import that runs; it is ended when this is dropped.
struct Running(Child);

impl Running {
    /// Whether it has ended, and was not waited for.
    fn has_ended(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap_or_default();
        // The state stands behind the name, which stands in brackets and may hold anything.
        let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().next());
        state.is_none_or(|state| matches!(state, "Z" | "X"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
