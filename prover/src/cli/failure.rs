//! Failures of commands: one line for people, one exit code for programs.

/// Exit code for what a command refuses or cannot do.
const REFUSED: u8 = 1;
/// Exit code for options that no file could make right; clap uses it too.
const USAGE: u8 = 2;

/// What went wrong, in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// A failure with its message; line breaks of sources become blanks.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into().split_whitespace().collect::<Vec<_>>().join(" "), code: REFUSED }
    }

    /// A failure of the command line itself.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { code: USAGE, ..Self::new(message) }
    }

    /// Takes the message of any error of a stage.
    pub fn from_error(error: &dyn std::error::Error) -> Self {
        Self::new(error.to_string())
    }

    /// The same failure with something that the user should know besides.
    pub fn and(self, more: &str) -> Self {
        Self { message: format!("{}; {more}", self.message), ..self }
    }

    /// The exit code of the process.
    pub fn code(&self) -> u8 {
        self.code
    }
}

macro_rules! from_stages {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::from_error(&error)
            }
        })*
    };
}

from_stages!(
    crate::wire::WireError,
    crate::flow::FlowError,
    crate::engine::EngineError,
    crate::keys::KeyStoreError,
    crate::prove::ProveRunError,
    crate::prove::manifest::OutError,
    crate::verify::VerifyRunError,
    crate::bench::BenchError,
    zkmargin_circuits::batch::shape::ShapeError,
);
