//! What is wrong with a line that is no event, in words of the format instead of the parser's.

use crate::wire::error::Fault;
use serde_json::error::Category;
use serde_json::{Map, Value};

const FIX: &str = "see docs/events.md for the format";
/// Values of `event`, in the order of [`Line`](super::line::Line).
const EVENTS: [&str; 13] = [
    "header",
    "market",
    "tick",
    "deposit",
    "withdraw",
    "transfer",
    "set_leverage",
    "set_mode",
    "change_key",
    "order",
    "cancel",
    "fill",
    "liquidate",
];

/// The kinds of values that fields have.
#[derive(PartialEq, Eq)]
enum Kind {
    Text,
    Time,
    Whole,
    Signed,
    Flag,
    /// The parser names the field itself.
    Unknown,
}

impl Kind {
    /// The kind of a field; `isolated` names a market where money moves and is a flag elsewhere.
    fn of(field: &str, event: &str) -> Self {
        match field {
            "time" | "expiry" => Self::Time,
            "size_decimals" | "rate" => Self::Signed,
            "quote_decimals"
            | "price_decimals"
            | "initial_margin"
            | "maintenance_margin"
            | "taker_fee"
            | "maker_fee"
            | "liquidation_fee"
            | "band"
            | "still_age"
            | "halt_age"
            | "funding_cap"
            | "max_fee"
            | "limit"
            | "open_interest_low"
            | "open_interest_high"
            | "open_interest_growth" => Self::Whole,
            "post_only" | "reduce_only" | "ioc" | "fok" => Self::Flag,
            "isolated" if matches!(event, "order" | "liquidate") => Self::Flag,
            "market" | "user" | "id" | "side" | "price" | "size" | "amount" | "from" | "to" | "maker"
            | "taker" | "isolated" => Self::Text,
            _ => Self::Unknown,
        }
    }

    fn admits(&self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Time => value.is_string() || value.is_u64(),
            Self::Whole => value.as_u64().is_some_and(|number| u32::try_from(number).is_ok()),
            Self::Signed => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            Self::Flag => value.is_boolean(),
            Self::Unknown => true,
        }
    }

    fn wanted(&self) -> &'static str {
        match self {
            Self::Text => "write it in quotes, so that no program rounds it",
            Self::Time => "write times as \"2023-02-26T16:44:05Z\" or as a whole number since 1970",
            Self::Whole => "write a whole number from 0 to 4294967295, without quotes",
            Self::Signed => "write a whole number below 2^31, without quotes",
            Self::Flag => "write true or false, without quotes",
            Self::Unknown => FIX,
        }
    }
}

/// The fault of a line that the parser refused for `error`.
pub fn diagnose(text: &str, error: &serde_json::Error) -> Fault {
    if error.classify() != Category::Data {
        return Fault::new(format!("line is no JSON object: {}", without_place(error)), FIX);
    }
    let Ok(fields) = serde_json::from_str::<Map<String, Value>>(text) else {
        return Fault::new("line is no JSON object", "write one object in braces per line");
    };
    let event = match fields.get("event") {
        Some(Value::String(event)) if EVENTS.contains(&event.as_str()) => event.as_str(),
        Some(Value::String(event)) => {
            return Fault::new(format!("event '{event}' is not known"), known_events());
        }
        Some(other) => return Fault::new(format!("event {other} is not known"), known_events()),
        None => return Fault::new("field \"event\" is missing", known_events()),
    };
    let mut wrong = fields.iter().filter(|(field, value)| !Kind::of(field, event).admits(value));
    match wrong.next() {
        Some((field, value)) => {
            Fault::new(format!("field \"{field}\" is {value}"), Kind::of(field, event).wanted())
        }
        None => Fault::new(format!("event '{event}': {}", without_place(error)), FIX),
    }
}

fn known_events() -> String {
    format!("write one of {}", EVENTS.join(", "))
}

/// The parser's words without its count of lines: it sees one line at a time.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&place) {
        Some(words) if error.classify() != Category::Data => format!("{words} at column {}", error.column()),
        Some(words) => words.to_owned(),
        None => text,
    }
}
