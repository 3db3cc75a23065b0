//! Tokens: random numbers of 256 bits, of which the configuration knows the hashes.

use std::collections::BTreeMap;

use aws_lc_rs::constant_time::verify_slices_are_equal;

use crate::config::serve::TokenHash;

/// What tokens begin with, so that scanners for leaked secrets know them.
const PREFIX: &str = "gleaner_";

/// Longest token that is looked at, in bytes.
const LONGEST: usize = 512;

/// A new token, and its hash for the configuration. Fails only when the system has no random numbers.
pub fn new_token() -> Result<(String, TokenHash), aws_lc_rs::error::Unspecified> {
    let mut number = [0; 32];
    aws_lc_rs::rand::fill(&mut number)?;
    let token = format!("{PREFIX}{}", hex::encode(number));
    let hash = TokenHash::of(&token);
    Ok((token, hash))
}

/// The hashes of tokens by the names of their owners.
pub(super) struct Tokens(BTreeMap<String, TokenHash>);

impl Tokens {
    pub(super) fn new(tokens: &BTreeMap<String, TokenHash>) -> Self {
        Self(tokens.clone())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose token this is. Takes the same time whichever it is, and however near.
    pub(super) fn name_of(&self, token: &str) -> Option<&str> {
        if token.len() > LONGEST {
            return None;
        }
        let hash = TokenHash::of(token);
        let mut found = None;
        for (name, known) in &self.0 {
            if verify_slices_are_equal(known.bytes(), hash.bytes()).is_ok() {
                found = Some(name.as_str());
            }
        }
        found
    }

    /// The hash of the token of this name.
    pub(super) fn hash_of(&self, name: &str) -> Option<&TokenHash> {
        self.0.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_known_by_their_hashes() {
        let (alice, alices) = new_token().unwrap();
        let (bob, bobs) = new_token().unwrap();
        assert_ne!(alice, bob);
        assert_eq!(alice.len(), PREFIX.len() + 64);
        let tokens = Tokens::new(&BTreeMap::from([
            ("alice".to_owned(), alices.clone()),
            ("bob".to_owned(), bobs),
        ]));
        assert_eq!(tokens.name_of(&alice), Some("alice"));
        assert_eq!(tokens.name_of(&bob), Some("bob"));
        for wrong in [
            "",
            "gleaner_",
            &alices.to_string(),
            alice.get(..alice.len() - 1).unwrap(),
            &format!("{alice}0"),
            &alice.to_uppercase(),
            &"x".repeat(LONGEST + 1),
        ] {
            assert_eq!(tokens.name_of(wrong), None, "{wrong}");
        }
    }
}
