//! What the program says: help, and the answers to wrong input. Kept in `tests/cmd/`; to take in a change:
//! `TRYCMD=overwrite cargo test --test cmd`.

#[test]
fn the_program_says_what_it_should() {
    trycmd::TestCases::new()
        .env("COLUMNS", "100")
        .env("GLEANER_CONFIG", "")
        .case("tests/cmd/*.trycmd");
}
