use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::super::super::{Kind, scan};

/// The coins found in a text.
fn coins(text: &str) -> Vec<(Kind, String)> {
    scan(text)
        .into_iter()
        .map(|find| (find.kind, find.value))
        .collect()
}

#[test]
fn addresses_with_a_right_checksum_are_found() {
    for (kind, address) in [
        (Kind::Btc, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        (Kind::Btc, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
        (Kind::Btc, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        (Kind::Btc, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
        (
            Kind::Btc,
            "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
        ),
        (
            Kind::Btc,
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        ),
        (Kind::Btc, "bc1zw508d6qejxtdg4y5r3zarvaryvg6kdaj"),
        (Kind::Eth, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        (Kind::Eth, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
        (Kind::Eth, "0x52908400098527886E0F7030069857D2E4169EE7"),
        (
            Kind::Xmr,
            "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
        ),
        (
            Kind::Xmr,
            "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H",
        ),
        (Kind::Dash, "XdAUmwtig27HBG6WfYyHAzP8n6XC9jESEw"),
        (Kind::Ltc, "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1"),
        (Kind::Ltc, "ltc1qr07zu594qf63xm7l7x6pu3a2v39m2z6hh5pp4t"),
        (Kind::Doge, "DEgDVFa2DoW1533dxeDVdTxQFhMzs1pMke"),
        (Kind::Bch, "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"),
        (Kind::Xrp, "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"),
        (Kind::Zec, "t1TFPJkun5SAEVPgRsT5fbVv7uinBPux49h"),
        (Kind::Xtz, "tz3h7UCrLoFih8nrStVy8GcChtZiVuu1mDYD"),
        (Kind::Trx, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
        (
            Kind::Ada,
            "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8",
        ),
    ] {
        let expected = vec![(kind, address.to_owned())];
        for text in [
            address.to_owned(),
            format!("Wallet: {address}."),
            format!("({address}), paid"),
            format!("{address}.The"),
            format!("bitcoincash:{address}"),
        ] {
            assert_eq!(coins(&text), expected, "{text}");
        }
    }
}

#[test]
fn a_wrong_checksum_is_no_address() {
    for text in [
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
        "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLz",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7KV8F3T4",
        "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        "0x0000000000000000000000000000000000000000",
        "0x88df016429689c079f3b2f6ad39fa052532c56795b733da78a91ebe6a713944b",
        "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3B",
        "XdAUmwtig27HBG6WfYyHAzP8n6XC9jESEx",
        "x1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "é1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa==",
        "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6b",
        "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTi",
        "TheQuickBrownFoxJumpsOverTheLazyDog",
    ] {
        assert_eq!(coins(text), [], "{text}");
    }
}

#[test]
fn solana_needs_a_word() {
    let address = "AVJzWULQ1byzNWV5YB77dDyHYnLSQTJYLUdoJbf3CFyE";
    assert_eq!(
        coins(&format!("Solana: {address}")),
        [(Kind::Sol, address.to_owned())]
    );
    assert_eq!(
        coins(&format!("the {address} wallet")),
        [(Kind::Sol, address.to_owned())]
    );
    assert_eq!(coins(&format!("decryption of {address}")), []);
}

/// A P2PKH address of a key's hash.
fn address(hash: [u8; 20]) -> String {
    let mut bytes = vec![0];
    bytes.extend(hash);
    let check = Sha256::digest(Sha256::digest(&bytes));
    bytes.extend(check.get(..4).unwrap());
    bs58::encode(bytes).into_string()
}

proptest! {
    #[test]
    fn any_address_is_found_in_any_surroundings(hash: [u8; 20], before in "[ a-z.,:;()]{0,20}", after in "[ ,;()!?]{0,20}") {
        let address = address(hash);
        let text = format!("{before} {address}{after}");
        prop_assert!(coins(&text).contains(&(Kind::Btc, address)), "{}", text);
    }

    #[test]
    fn digests_are_no_coins(digits in "[13]?[0-9a-f]{24,34}|bc1[0-9a-f]{36,39}|[0-9a-f]{64}") {
        let coin = |kind: Kind| matches!(kind, Kind::Btc | Kind::Xmr | Kind::Eth | Kind::Sol | Kind::Dash);
        let found = coins(&format!("wallet {digits}"));
        prop_assert!(!found.iter().any(|(kind, _)| coin(*kind)), "{:?}", found);
    }
}
