//! The directory of development keys: shared by processes, and put right where it can be.

use super::interrupt::started;
use super::{json, names, refused, run, text, verifying_key};
use std::path::Path;

const KEYS: [&str; 6] = ["keys", "--shape", "tiny", "--keys", "keys", "--json"];

#[test]
fn one_process_makes_the_key_and_the_other_waits() {
    let folder = tempfile::tempdir().unwrap();
    let (mut maker, _errors) = started(folder.path(), &KEYS, "made once (INSECURE development key)");
    let waiter = run(folder.path(), &KEYS);
    let errors = text(&waiter.stderr);
    assert_eq!(errors, "key of shape tiny: another process makes it; waiting\n");
    let report: serde_json::Value = serde_json::from_slice(&waiter.stdout).unwrap();
    assert_eq!(report["fresh"], false);
    assert!(maker.wait().unwrap().success());
    let files = names(&folder.path().join("keys"));
    assert_eq!(files.len(), 3, "lock, proving and verifying key: {files:?}");
}

/// Copies the shared key of `tiny` into `keys` of a folder, and gives its two paths.
fn copied(folder: &Path) -> [std::path::PathBuf; 2] {
    let verifying = verifying_key(folder);
    std::fs::create_dir(folder.join("keys")).unwrap();
    [verifying.with_extension("pk"), verifying].map(|from| {
        let to = folder.join("keys").join(from.file_name().unwrap());
        std::fs::copy(&from, &to).unwrap();
        to
    })
}

#[test]
fn a_verifying_key_that_is_missing_or_damaged_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let [_, verifying] = copied(folder.path());
    let good = std::fs::read(&verifying).unwrap();
    let damage: [(&str, &dyn Fn()); 3] = [
        ("was missing", &|| std::fs::remove_file(&verifying).unwrap()),
        ("was not the proving key's", &|| std::fs::write(&verifying, &good[..700]).unwrap()),
        ("was not the proving key's", &|| {
            let mut bad = good.clone();
            bad[500] ^= 1;
            std::fs::write(&verifying, bad).unwrap();
        }),
    ];
    for (what, damage) in damage {
        damage();
        let output = run(folder.path(), &KEYS);
        let errors = text(&output.stderr);
        assert!(output.status.success(), "{errors}");
        assert!(
            errors.contains(&format!(".vk: {what} and was written again from the proving key")),
            "{errors}"
        );
        assert_eq!(std::fs::read(&verifying).unwrap(), good);
    }
    assert!(run(folder.path(), &KEYS).stderr.is_empty(), "all is well: nothing is said");
}

#[test]
fn the_advice_to_remove_a_file_is_given_where_it_helps() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let [proving, verifying] = copied(folder);
    let good = std::fs::read(&proving).unwrap();
    std::fs::write(&proving, &good[..1000]).unwrap();
    let line = refused(folder, &KEYS);
    assert!(
        line.contains("the file has 1000 bytes") && line.contains("remove the file to have a new"),
        "{line}"
    );
    // Not where there is no file to remove, or none that was made here.
    std::fs::remove_file(&proving).unwrap();
    std::fs::create_dir(&proving).unwrap();
    let line = refused(folder, &KEYS);
    assert!(line.contains("check the path") && !line.contains("remove"), "{line}");
    std::fs::write(&verifying, "junk").unwrap();
    let line = refused(folder, &["export", "--key", verifying.to_str().unwrap()]);
    assert!(line.contains(".vk: the file has 4 bytes") && !line.contains("remove"), "{line}");
    let line = refused(folder, &["export", "--key", "none.vk"]);
    assert!(line.starts_with("none.vk: No such file") && !line.contains("remove"), "{line}");
    std::fs::write(folder.join("file"), "").unwrap();
    let line = refused(folder, &["keys", "--shape", "tiny", "--keys", "file/keys"]);
    assert!(line.contains("give another directory with --keys DIR"), "{line}");
}

#[test]
fn a_key_is_not_made_without_the_memory_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let line = refused(folder.path(), &["keys", "--shape", "tiny", "--keys", "keys", "--memory", "100"]);
    assert!(
        line.starts_with("making a key of shape tiny needs about 140 MiB of memory and 100 MiB are"),
        "{line}"
    );
    assert!(line.contains("--memory MIB"), "{line}");
    assert_eq!(names(&folder.path().join("keys")).len(), 1, "the lock alone");
    // One that is there is only mapped.
    verifying_key(folder.path());
    json(folder.path(), &["keys", "--shape", "tiny", "--memory", "100"]);
}
