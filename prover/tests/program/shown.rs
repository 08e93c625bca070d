//! Help, progress, tables.

use super::{SAMPLE, done, prove, run, text, zkmargin};

const COMMANDS: [&str; 9] =
    ["demo", "prove", "costs", "keys", "export", "sample", "verify", "replay", "bench"];

#[test]
fn every_command_has_examples_and_json() {
    let folder = tempfile::tempdir().unwrap();
    let help = |arguments: &[&str]| done(folder.path(), arguments);
    let program = help(&["--help"]);
    for part in ["Examples:", "Exit codes:", "130", "143", "--progress", "--memory", "--threads"] {
        assert!(program.contains(part), "{part}");
    }
    let listed =
        program.lines().filter(|line| COMMANDS.iter().any(|name| line.starts_with(&format!("  {name} "))));
    assert_eq!(listed.count(), COMMANDS.len(), "{program}");
    for command in COMMANDS {
        let text = help(&[command, "--help"]);
        assert!(text.contains(&format!("Examples:\n  zkmargin {command}")), "{text}");
        assert!(text.contains("--json"), "{text}");
        assert!(
            text.contains(&format!("  zkmargin {command}")) && text.matches("zkmargin ").count() >= 3,
            "{text}"
        );
    }
}

#[test]
fn progress_is_lines_in_a_pipe_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &SAMPLE);
    done(folder.path(), &["keys", "--shape", "tiny"]);
    let errors = |more: &[&str]| text(&run(folder.path(), &prove(more)).stderr);
    let lines = errors(&["--batches", "2"]);
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("prove: batch 1 of 2, ") && lines[0].ends_with(" s left"), "{lines:?}");
    assert!(lines[1].starts_with("prove: batch 2 of 2, ") && !lines[1].contains("left"), "{lines:?}");
    assert_eq!(errors(&["--batches", "1", "--progress", "none"]), "");
    let bar = errors(&["--batches", "1", "--progress", "bar"]);
    assert!(!bar.contains("prove: batch"), "{bar}");
}

#[test]
fn tables_are_readable_at_any_width() {
    let folder = tempfile::tempdir().unwrap();
    let costs = |width: &str| {
        let mut command = zkmargin(folder.path(), &["costs", "--shape", "tiny"]);
        text(&command.env("COLUMNS", width).output().unwrap().stdout)
    };
    for width in ["0", "20", "80", "200"] {
        let shown = costs(width);
        for whole in ["isolated account", "30996", "15498.0", "accounts, markets, orders", "total"] {
            let words: Vec<&str> = whole.split(' ').collect();
            assert!(words.iter().all(|word| shown.contains(word)), "{width}: no '{whole}' in\n{shown}");
        }
        let table = shown.lines().take_while(|line| !line.is_empty());
        let longest = table.map(|line| line.chars().count()).max().unwrap();
        let limit = if width == "20" { 28 } else { 80 };
        assert!(longest <= limit, "{width}: {longest}\n{shown}");
    }
    assert!(costs("20").contains("piece: tree node\n  rows: 36\n"), "{}", costs("20"));
}

#[test]
fn a_demo_proves_as_many_batches_as_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let report = super::json(folder.path(), &["demo", "--batches", "1"]);
    assert_eq!(report["batches"].as_array().unwrap().len(), 1);
}
