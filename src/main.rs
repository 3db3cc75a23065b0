//! Arguments in, exit status out; everything else is in the library.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    gleaner::commands::main(gleaner::cli::Cli::parse())
}
