//! Names of accounts for people. They come from a file that is no part of a run.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use zkmargin_circuits::state::AccountId;

/// Names by the number of the account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<AccountId, String>);

/// Why a file gives no names.
#[derive(Debug, thiserror::Error)]
pub enum NamesError {
    /// It cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// It is no map of numbers to names.
    #[error("{}, line {line}: {what}; names are a JSON object such as {{\"604\": \"Ada\"}}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line of the fault, from 1.
        line: usize,
        /// What is wrong there.
        what: String,
    },
}

impl Names {
    /// Reads a JSON object: the number of an account, as a string, to its name.
    pub fn read(path: &Path) -> Result<Self, NamesError> {
        let unreadable = |error| NamesError::Unreadable { path: path.to_path_buf(), error };
        let bytes = std::fs::read(path).map_err(unreadable)?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let text = error.to_string();
            let what = text.split(" at line ").next().unwrap_or_default().to_owned();
            NamesError::Malformed { path: path.to_path_buf(), line: error.line(), what }
        })
    }

    /// The name of an account, if it has one.
    pub fn get(&self, id: AccountId) -> Option<&str> {
        self.0.get(&id).map(String::as_str)
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of account numbers to names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
        let mut names = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            let id: AccountId =
                key.parse().map_err(|_| A::Error::custom(format!("{key:?} is no number of an account")))?;
            if names.insert(id, map.next_value()?).is_some() {
                return Err(A::Error::custom(format!("account {id} has two names")));
            }
        }
        Ok(Names(names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Names, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let path = file.path().display().to_string();
        Names::read(file.path()).map_err(|error| error.to_string().replace(&path, "FILE"))
    }

    #[test]
    fn names_by_number() {
        let names = read("{\"1\": \"fees\", \"604\": \"Ada <3\"}").unwrap();
        assert_eq!((names.get(604), names.get(2)), (Some("Ada <3"), None));
    }

    #[test]
    fn a_bad_file_is_named_with_the_line() {
        let cases = [
            ("{\n\"1\": \"a\",\n\"x\": \"b\"}", "FILE, line 3: \"x\" is no number of an account"),
            ("{\n\"1\": 7}", "FILE, line 2: invalid type: integer `7`, expected a string"),
            ("{\"1\": \"a\",\n\"01\": \"b\"}", "FILE, line 2: account 1 has two names"),
            ("[]", "FILE, line 1: invalid type: sequence, expected a map of account numbers to names"),
            ("{\n", "FILE, line 2: EOF while parsing an object"),
        ];
        for (text, expected) in cases {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
