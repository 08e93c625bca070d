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
    /// A failure with its message; line breaks and other control characters of sources become blanks, so that
    /// no file that is quoted steers a terminal.
    pub fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        let is_blank = |c: char| c.is_whitespace() || c.is_control();
        let words: Vec<&str> = message.split(is_blank).filter(|word| !word.is_empty()).collect();
        Self { message: words.join(" "), code: REFUSED }
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

#[cfg(test)]
mod tests {
    use super::Failure;

    /// Text of a file that is quoted in a message does not steer the terminal.
    #[test]
    fn messages_have_no_control_characters() {
        assert_eq!(
            Failure::new("circuit is \u{1b}[2J,\r\n expected\u{9b}1").to_string(),
            "circuit is [2J, expected 1"
        );
    }
}
