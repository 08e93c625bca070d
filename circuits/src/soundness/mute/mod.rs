//! The muting gate: for each place of each kind of row, a forgery that this place alone notices.

mod borrow;
mod closed;
mod closings;
mod forms;
mod gates;
mod multiples;
mod places;
mod repair;
mod said;
mod search;
mod signatures;
mod subject;
mod subjects;
mod sums;
mod table;
mod values;
