//! The commands: each wires the boxes together and writes what people read.

pub mod queue;
mod text;
