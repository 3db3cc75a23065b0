//! Nets, by prefix length.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::ListId;

/// Nets of both families: for each prefix length in use, their first addresses in order.
#[derive(Debug, Default)]
pub(super) struct Nets {
    v4: BTreeMap<u32, Vec<(u128, ListId)>>,
    v6: BTreeMap<u32, Vec<(u128, ListId)>>,
}

/// Bits of an address as a number that is left-aligned, so that both families are handled alike.
pub(super) fn aligned(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        IpAddr::V6(address) => u128::from(address),
    }
}

pub(super) fn masked(address: u128, bits: u32) -> u128 {
    match 128_u32.checked_sub(bits) {
        Some(128) | None => 0,
        Some(rest) => address >> rest << rest,
    }
}

/// Reads an address with or without a number of bits.
pub(super) fn parse(value: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = match value.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
        None => (value, None),
    };
    let address: IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(most);
    (bits <= most).then_some((address, bits))
}

/// Reads a value. Most are no addresses, which their first letter shows.
pub(super) fn parse_value(value: &str) -> Option<(IpAddr, u32)> {
    value
        .starts_with(|c: char| c.is_ascii_hexdigit() || c == ':' || c == '[')
        .then(|| parse(value))?
}

impl Nets {
    /// Adds a net or an address; false if it is none.
    pub(super) fn add(&mut self, value: &str, list: ListId) -> bool {
        let Some((address, bits)) = parse(value) else {
            return false;
        };
        let family = if address.is_ipv4() {
            &mut self.v4
        } else {
            &mut self.v6
        };
        family
            .entry(bits)
            .or_default()
            .push((masked(aligned(address), bits), list));
        true
    }

    /// Makes what was added findable.
    pub(super) fn finish(&mut self) {
        for nets in self.v4.values_mut().chain(self.v6.values_mut()) {
            nets.sort_unstable();
            nets.dedup();
            nets.shrink_to_fit();
        }
    }

    /// Calls `found` with every list that has a net around an address. A net given as value must lie within.
    pub(super) fn find(&self, value: &str, found: &mut impl FnMut(ListId)) {
        let Some((address, most)) = parse_value(value) else {
            return;
        };
        let family = if address.is_ipv4() {
            &self.v4
        } else {
            &self.v6
        };
        let address = aligned(address);
        for (bits, nets) in family.range(..=most) {
            let net = masked(address, *bits);
            let first = nets.partition_point(|(other, _)| *other < net);
            for (_, list) in nets
                .iter()
                .skip(first)
                .take_while(|(other, _)| *other == net)
            {
                found(*list);
            }
        }
    }
}
