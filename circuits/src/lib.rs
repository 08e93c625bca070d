//! The protocol of zkmargin: state, margin law, ops and the circuit that proves them.

pub mod batch;
pub mod bus;
pub mod gadgets;
pub mod globals;
pub mod margin;
pub mod ops;
pub mod params;
pub mod publication;
pub mod reject;
pub mod state;
