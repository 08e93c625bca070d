//! What the machine is and how busy it is.

use serde::Serialize;

/// The machine that figures are from.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// The model name of the processor.
    pub cpu: String,
    /// Names of the instruction sets that matter for field products and that the processor has.
    pub features: Vec<&'static str>,
    /// The number of hardware threads that this process may use.
    pub cores: usize,
    /// The size of the memory in MiB; none where the system does not tell.
    pub memory_mib: Option<u64>,
    /// The load average of the last minute when the figures were taken: near the number of busy threads
    /// besides ours at the start of a run.
    pub load: Option<f64>,
}

impl Machine {
    /// Asks the system about this machine.
    pub fn here() -> Self {
        Machine {
            cpu: cpu_model(),
            features: features(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: memory_mib(),
            load: load(),
        }
    }
}

fn memory_mib() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}

fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

fn cpu_model() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let model = line.and_then(|line| line.split_once(':')).map(|(_, model)| model.trim().to_owned());
    model.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

#[cfg(target_arch = "x86_64")]
fn features() -> Vec<&'static str> {
    let all = [
        ("adx", std::arch::is_x86_feature_detected!("adx")),
        ("bmi2", std::arch::is_x86_feature_detected!("bmi2")),
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
        ("avx512ifma", std::arch::is_x86_feature_detected!("avx512ifma")),
        ("avx512vbmi2", std::arch::is_x86_feature_detected!("avx512vbmi2")),
    ];
    all.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn features() -> Vec<&'static str> {
    Vec::new()
}
