//! What the process used, and what it may still take.

use std::path::{Path, PathBuf};

/// Peak resident memory in MiB, where the system tells it.
pub fn peak_memory_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}

/// MiB that the process can still take without swapping: what the machine has available, or less where the
/// control groups of the process allow less; none where the system tells neither.
pub fn available_memory_mib() -> Option<u64> {
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| meminfo_bytes(&text));
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let groups = group_bytes(&groups, Path::new("/sys/fs/cgroup"));
    machine.into_iter().chain(groups).min().map(|bytes| bytes >> 20)
}

/// `MemAvailable` in bytes.
fn meminfo_bytes(text: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

/// The least that a control group of the process has left, its ancestors included; versions 1 and 2.
fn group_bytes(groups: &str, root: &Path) -> Option<u64> {
    let mut left = Vec::new();
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
        let (root, files) = match controllers {
            "" => (root.to_path_buf(), VERSION_2),
            _ if controllers.split(',').any(|name| name == "memory") => (root.join("memory"), VERSION_1),
            _ => continue,
        };
        // In a container the path may be one of the host that is not mounted; the root is always there.
        let mut folder: PathBuf = root.join(path.trim_start_matches('/'));
        left.extend(files.left_bytes(&folder));
        while folder != root && folder.pop() {
            left.extend(files.left_bytes(&folder));
        }
    }
    left.into_iter().min()
}

/// Names of the files of a control group.
struct Files {
    limit: &'static str,
    usage: &'static str,
    /// Memory of files that was not used lately, in `memory.stat`: the kernel gives it back when asked.
    inactive: &'static str,
}

const VERSION_2: Files = Files { limit: "memory.max", usage: "memory.current", inactive: "inactive_file" };
const VERSION_1: Files =
    Files { limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes", inactive: "total_inactive_file" };

impl Files {
    /// What a group has left; none without a limit.
    fn left_bytes(&self, folder: &Path) -> Option<u64> {
        let number = |name: &str| -> Option<u64> {
            std::fs::read_to_string(folder.join(name)).ok()?.trim().parse().ok()
        };
        let (limit, usage) = (number(self.limit)?, number(self.usage)?);
        let stat = std::fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
        let inactive = stat.lines().find_map(|line| line.strip_prefix(self.inactive)?.trim().parse().ok());
        Some(limit.saturating_sub(usage.saturating_sub(inactive.unwrap_or(0))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_available_memory_is_read_from_meminfo() {
        let text = "MemTotal: 100 kB\nMemFree: 1 kB\nMemAvailable:   2048 kB\n";
        assert_eq!(meminfo_bytes(text), Some(2 << 20));
        assert_eq!(meminfo_bytes("MemTotal: 100 kB\n"), None);
    }

    fn group(root: &Path, name: &str, files: &[(&str, &str)]) {
        std::fs::create_dir_all(root.join(name)).unwrap();
        files.iter().for_each(|(file, text)| std::fs::write(root.join(name).join(file), text).unwrap());
    }

    #[test]
    fn the_narrowest_control_group_counts() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        group(root, "a", &[("memory.max", "1000\n"), ("memory.current", "700\n")]);
        group(root, "a/b", &[("memory.max", "max\n"), ("memory.current", "300\n")]);
        assert_eq!(group_bytes("0::/a/b\n", root), Some(300));
        // Memory of files is given back.
        std::fs::write(root.join("a/memory.stat"), "anon 500\ninactive_file 200\n").unwrap();
        assert_eq!(group_bytes("0::/a/b\n", root), Some(500));
        group(root, "a/b", &[("memory.max", "400")]);
        assert_eq!(group_bytes("0::/a/b\n", root), Some(100));
        // A path of the host, not mounted here: the root's own files.
        group(root, "", &[("memory.max", "50"), ("memory.current", "10")]);
        assert_eq!(group_bytes("0::/elsewhere\n", root), Some(40));
    }

    #[test]
    fn version_1_has_other_files() {
        let root = tempfile::tempdir().unwrap();
        let files = [("memory.limit_in_bytes", "1000"), ("memory.usage_in_bytes", "1200")];
        group(root.path(), "memory/a", &files);
        assert_eq!(group_bytes("5:cpu,memory:/a\n4:cpuset:/\n", root.path()), Some(0));
        assert_eq!(group_bytes("", root.path()), None);
    }
}
