//! What a program costs, as Linux tells it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

/// How often a running program is looked at: its last moments are missed.
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
    let (started, mut cost) = (Instant::now(), Cost::default());
    let status = loop {
        let seen = look(running.id()).unwrap_or(cost);
        cost = Cost { cpu: cost.cpu.max(seen.cpu), memory: cost.memory.max(seen.memory), wall: 0.0 };
        match running.try_wait()? {
            Some(status) => break status,
            None => thread::sleep(LOOK),
        }
    };
    ensure!(status.code().is_some_and(|code| FINE.contains(&code)), "{program} failed: {status}");
    Ok(Cost { wall: started.elapsed().as_secs_f64(), ..cost })
}

/// Seconds of processors that this program has taken so far.
pub(super) fn own_cpu() -> f64 {
    look(std::process::id()).map_or(f64::NAN, |cost| cost.cpu)
}

/// The peak memory of a running program in MB; none where the system does not tell.
pub(super) fn peak_memory(process: u32) -> Option<f64> {
    Some(look(process)?.memory)
}

/// What a process has cost so far; none where the system does not tell.
fn look(process: u32) -> Option<Cost> {
    let of = |name: &str| fs::read_to_string(format!("/proc/{process}/{name}")).ok();
    Some(Cost { cpu: cpu(&of("stat")?)?, memory: memory(&of("status")?)?, wall: 0.0 })
}

/// Its own seconds and those of its children that have ended. Linux counts in hundredths of a second for whoever reads this file.
fn cpu(stat: &str) -> Option<f64> {
    let fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: Vec<f64> = fields.take(4).map_while(|field| field.parse().ok()).collect();
    (ticks.len() == 4).then(|| ticks.iter().sum::<f64>() / 100.0)
}

fn memory(status: &str) -> Option<f64> {
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::{cpu, memory};

    #[test]
    fn what_the_system_tells_is_read() {
        let stat = "7 (a b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 60 40";
        assert_eq!(cpu(stat), Some(4.0));
        assert_eq!(memory("VmPeak:\t9 kB\nVmHWM:\t  2048 kB\n"), Some(2.0));
        assert_eq!(memory(""), None);
    }
}
