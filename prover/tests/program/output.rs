//! Files that the user names.

use super::{done, names, refused, run, text, verifying_key, zkmargin};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

/// Commands that write the file `out`, without `--out`.
fn writers(folder: &Path) -> Vec<Vec<String>> {
    let key = verifying_key(folder).display().to_string();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    vec![words(&["sample", "--out", "out"]), words(&["export", "--key", &key, "--out", "out"])]
}

#[test]
fn an_existing_file_is_replaced_only_with_force() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, out) = (folder.path(), folder.path().join("out"));
    for writer in writers(folder) {
        let mut writer: Vec<&str> = writer.iter().map(String::as_str).collect();
        std::fs::write(&out, "mine").unwrap();
        std::fs::set_permissions(&out, PermissionsExt::from_mode(0o600)).unwrap();
        let says = "out: is there already; give another name, or --force to replace it";
        assert_eq!(refused(folder, &writer), says);
        assert_eq!(std::fs::read_to_string(&out).unwrap(), "mine");
        writer.push("--force");
        done(folder, &writer);
        assert!(std::fs::read_to_string(&out).unwrap().len() > 100);
        assert_eq!(mode(&out), 0o600, "what the file could be read by stays");
        assert_eq!(names(folder), ["out"], "no temporary file stays");
    }
}

#[test]
fn links_pipes_devices_and_directories_are_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, out) = (folder.path(), folder.path().join("out"));
    let system = |command: &str, arguments: &[&str]| {
        Command::new(command).args(arguments).current_dir(folder).output().unwrap().status.success()
    };
    for writer in writers(folder) {
        let forced: Vec<&str> = writer.iter().map(String::as_str).chain(["--force"]).collect();
        let stays = |what: &str, check: &dyn Fn() -> bool| {
            let line = refused(folder, &forced);
            assert!(line.starts_with(&format!("out: is {what}, which is never replaced")), "{line}");
            assert!(check(), "{what} is no longer there");
        };
        let kind = || out.symlink_metadata().unwrap().file_type();
        std::os::unix::fs::symlink("nowhere", &out).unwrap();
        stays("a symbolic link", &|| kind().is_symlink());
        std::fs::remove_file(&out).unwrap();
        assert!(system("mkfifo", &["out"]));
        stays("a pipe", &|| kind().is_fifo());
        std::fs::remove_file(&out).unwrap();
        std::fs::create_dir(&out).unwrap();
        stays("a directory", &|| kind().is_dir());
        std::fs::remove_dir(&out).unwrap();
        // Only root may make a device; it is the same as /dev/full.
        if system("mknod", &["out", "c", "1", "7"]) {
            stays("a device", &|| kind().is_char_device());
            std::fs::remove_file(&out).unwrap();
        }
        assert!(names(folder).is_empty());
    }
}

#[test]
fn a_new_file_has_the_permissions_of_the_umask() {
    let folder = tempfile::tempdir().unwrap();
    for (umask, expected) in [("022", 0o644), ("077", 0o600), ("002", 0o664)] {
        let program = env!("CARGO_BIN_EXE_zkmargin");
        let script = format!("umask {umask}; exec '{program}' sample --out file-{umask}");
        let output = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(mode(&folder.path().join(format!("file-{umask}"))), expected, "umask {umask}");
    }
}

#[test]
fn a_name_that_cannot_be_written_is_refused_before_anything_is_computed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("file"), "").unwrap();
    let sample = |name| refused(folder, &["sample", "--out", name]);
    assert!(
        sample("none/out").starts_with("none/out: directory none: No such file"),
        "{}",
        sample("none/out")
    );
    assert!(sample("file/out").contains("file/out: "), "{}", sample("file/out"));
    assert!(sample("new/").contains("'new/' is not the name of a file"), "{}", sample("new/"));
    // No key is made for a file that cannot be written: this takes no time.
    let keys = folder.join("keys");
    let export = ["export", "--shape", "trade-256", "--out", "file", "--keys", "keys"];
    assert!(refused(folder, &export).contains("--force"));
    assert!(!keys.exists());
}

#[test]
fn bench_and_prove_follow_the_same_rule() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("stacks"), "mine").unwrap();
    let bench = ["bench", "--log2", "8", "--runs", "1", "--kernel-runs", "0", "--progress", "none"];
    let folded = [&bench[..], &["--folded", "stacks"]].concat();
    assert!(refused(folder, &folded).contains("--force"));
    let output = run(folder, &[&folded[..], &["--force"]].concat());
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output.stderr));
    assert!(std::fs::read_to_string(folder.join("stacks")).unwrap().contains("prove, threads 1"));
    // A link to nothing has the name already.
    std::os::unix::fs::symlink("nowhere", folder.join("run")).unwrap();
    done(folder, &super::SAMPLE);
    assert!(refused(folder, &super::prove(&["--out", "run"])).starts_with("run: is there already"));
    let mut full = zkmargin(folder, &["sample"]);
    let full = full.stdout(std::fs::File::options().write(true).open("/dev/full").unwrap()).output().unwrap();
    assert_eq!(full.status.code(), Some(1), "a full disk is a failure, not a panic");
}
