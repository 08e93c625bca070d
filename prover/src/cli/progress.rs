//! How far a command is: a bar with total and time left on a terminal, plain lines elsewhere.
//!
//! Everything goes to standard error; results go to standard output.

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use std::fmt;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shown {
    /// A bar if standard error is a terminal, else lines.
    Auto,
    /// A bar that moves.
    Bar,
    /// A line for each step, at most one in five seconds where steps are short.
    Lines,
    /// No progress is shown.
    None,
}

/// Least time between two lines about short steps.
const BETWEEN_LINES: Duration = Duration::from_secs(5);
/// Steps of a bar that shows a share.
const SHARES: u64 = 1_000;

static SHOWN: OnceLock<Shown> = OnceLock::new();
static CURRENT: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Decides for the whole process; only the first call counts.
pub fn choose(shown: Shown) {
    let shown = match shown {
        Shown::Auto if std::io::stderr().is_terminal() => Shown::Bar,
        Shown::Auto => Shown::Lines,
        decided => decided,
    };
    let _ = SHOWN.set(shown);
}

fn shown() -> Shown {
    SHOWN.get().copied().unwrap_or(Shown::None)
}

/// A line about what begins, also beside a bar; nothing where no progress is wanted.
pub fn line(text: &str) {
    if shown() != Shown::None {
        eprintln!("{text}");
    }
}

/// Takes the bar away that is on the screen, if there is one.
pub fn clear() {
    if let Some(bar) = current().take() {
        bar.finish_and_clear();
    }
}

fn current() -> MutexGuard<'static, Option<ProgressBar>> {
    locked(&CURRENT)
}

/// What a thread that panicked left of progress is still good enough to be shown.
fn locked<T>(shown: &Mutex<T>) -> MutexGuard<'_, T> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The time until an end, for a line; nothing where none is expected.
fn left(end: &Mutex<Option<Instant>>) -> String {
    locked(end).map_or_else(String::new, |end| {
        let left = end.saturating_duration_since(Instant::now());
        format!(", about {:.0} s left", left.as_secs_f64())
    })
}

/// The progress of one thing that takes long. It disappears from the screen with this value.
pub struct Progress {
    what: String,
    bar: ProgressBar,
    started: Instant,
    /// When it will be done, if all parts take as long as those that are done.
    end: Arc<Mutex<Option<Instant>>>,
    last_line: Mutex<Option<Instant>>,
}

impl Drop for Progress {
    fn drop(&mut self) {
        clear();
    }
}

impl Progress {
    /// Something without parts.
    pub fn of(what: &str) -> Self {
        let progress = Self::new(what, ProgressBar::new_spinner(), "{spinner} {elapsed_precise} {wide_msg}");
        progress.bar.set_message(what.to_owned());
        if shown() == Shown::Lines {
            eprintln!("{what}");
        }
        progress
    }

    /// So many batches.
    pub fn of_batches(what: &str, total: u64) -> Self {
        let template = "{spinner} {elapsed_precise} [{bar:24}] batch {pos} of {len} done{left}: {wide_msg}";
        Self::new(what, ProgressBar::new(total), template)
    }

    /// Something of which the share that is done is known.
    pub fn of_share(what: &str) -> Self {
        let template = "{spinner} {elapsed_precise} [{bar:24}] {percent} %{left}: {wide_msg}";
        Self::new(what, ProgressBar::new(SHARES), template)
    }

    fn new(what: &str, bar: ProgressBar, template: &str) -> Self {
        let bar = if shown() == Shown::Bar { bar } else { ProgressBar::hidden() };
        let end = Arc::new(Mutex::new(None));
        if let Ok(style) = ProgressStyle::with_template(template) {
            let ends = Arc::clone(&end);
            let left = move |_: &ProgressState, out: &mut dyn fmt::Write| {
                // Where a bar is drawn, nothing else can be done about a failure to draw it.
                let _ = out.write_str(&left(&ends));
            };
            bar.set_style(style.progress_chars("=> ").with_key("left", left));
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        *current() = Some(bar.clone());
        Self { what: what.to_owned(), bar, started: Instant::now(), end, last_line: Mutex::new(None) }
    }

    /// What is being done now.
    pub fn say(&self, text: &str) {
        self.bar.set_message(text.to_owned());
    }

    /// Batch `done` of `total` is done, `skipped` of which took no time.
    pub fn batch_done(&self, done: u64, total: u64, skipped: u64) {
        self.expect_end(done.saturating_sub(skipped) as f64, total.saturating_sub(done) as f64);
        self.bar.set_position(done);
        let left = left(&self.end);
        if shown() == Shown::Lines {
            eprintln!("{}: batch {done} of {total}, {} s{left}", self.what, self.started.elapsed().as_secs());
        }
    }

    /// A share between 0 and 1 is done.
    pub fn share_done(&self, share: f64, text: &str) {
        let share = share.clamp(0.0, 1.0);
        self.expect_end(share, 1.0 - share);
        self.bar.set_position((share * SHARES as f64) as u64);
        let left = left(&self.end);
        self.say(text);
        if shown() == Shown::Lines && self.line_is_due() {
            let seconds = self.started.elapsed().as_secs();
            eprintln!("{}: {text}, {:.0} %, {seconds} s{left}", self.what, share * 100.0);
        }
    }

    fn expect_end(&self, done: f64, left: f64) {
        let each = self.started.elapsed().as_secs_f64() / done;
        let rest = Duration::try_from_secs_f64(each * left).ok().filter(|rest| !rest.is_zero());
        *locked(&self.end) = rest.and_then(|rest| Instant::now().checked_add(rest));
    }

    fn line_is_due(&self) -> bool {
        let mut last = locked(&self.last_line);
        let due = last.unwrap_or(self.started).elapsed() >= BETWEEN_LINES;
        if due {
            *last = Some(Instant::now());
        }
        due
    }
}
