//! The protocol of zkmargin: state, margin law, ops and the circuit that proves them.

pub mod bus;
pub mod gadgets;
