//! Failures of commands: one line for people.

/// What went wrong, in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(String);

impl Failure {
    /// A failure with its message; line breaks of sources become blanks.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into().split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Takes the message of any error of a stage.
    pub(crate) fn from_error(error: &dyn std::error::Error) -> Self {
        Self::new(error.to_string())
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
    zkmargin_circuits::batch::shape::ShapeError,
);
