//! What a program costs, as Linux tells it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

/// How often a running program is asked for its memory: its last moments are missed.
const LOOK: Duration = Duration::from_millis(5);

/// What one run cost.
#[derive(Clone, Copy, Default)]
pub(super) struct Cost {
    /// Seconds of all processors.
    pub(super) cpu: f64,
    /// Seconds on the clock.
    pub(super) wall: f64,
    /// Peak memory in MB, without that of its children.
    pub(super) memory: f64,
}

/// With which programs say that they found something, or nothing.
const FINE: [i32; 3] = [0, 1, 5];

/// Runs a program to its end.
pub(super) fn run(command: &[String], folder: &Path) -> anyhow::Result<Cost> {
    let (program, arguments) = command.split_first().context("no program")?;
    let mut running = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    let (started, [_, before], mut memory) = (Instant::now(), cpu(), 0_f64);
    let status = loop {
        memory = memory.max(peak_memory(running.id()).unwrap_or_default());
        match running.try_wait()? {
            Some(status) => break status,
            None => thread::sleep(LOOK),
        }
    };
    ensure!(status.code().is_some_and(|code| FINE.contains(&code)), "{program} failed: {status}");
    Ok(Cost { cpu: cpu()[1] - before, wall: started.elapsed().as_secs_f64(), memory })
}

/// Seconds of processors that this program has taken so far, and its children that have ended.
pub(super) fn cpu() -> [f64; 2] {
    fs::read_to_string("/proc/self/stat").ok().and_then(|stat| seconds(&stat)).unwrap_or([f64::NAN; 2])
}

/// The peak memory of a running program in MB; none where the system does not tell.
pub(super) fn peak_memory(process: u32) -> Option<f64> {
    memory(&fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

/// Linux counts in hundredths of a second for whoever reads this file.
fn seconds(stat: &str) -> Option<[f64; 2]> {
    let fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: Vec<f64> = fields.take(4).map_while(|field| field.parse().ok()).collect();
    let &[user, system, user_of_children, system_of_children] = &ticks[..] else { return None };
    Some([user + system, user_of_children + system_of_children].map(|ticks| ticks / 100.0))
}

fn memory(status: &str) -> Option<f64> {
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::{memory, seconds};

    #[test]
    fn what_the_system_tells_is_read() {
        let stat = "7 (a b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 60 40";
        assert_eq!(seconds(stat), Some([3.0, 1.0]));
        assert_eq!(memory("VmPeak:\t9 kB\nVmHWM:\t  2048 kB\n"), Some(2.0));
        assert_eq!(memory(""), None);
    }
}
