//! Whole documents, judged.
