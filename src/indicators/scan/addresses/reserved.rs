//! Addresses that name no machine on the Internet: IANA's special-purpose registries (RFC 6890 and successors).

use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether an IPv4 address is private, local, for documentation, for groups, or a net mask.
pub(in crate::indicators::scan) fn is_v4(address: Ipv4Addr) -> bool {
    match address.octets() {
        [0 | 10 | 127 | 224.., ..]
        | [192, 168, ..]
        | [169, 254, ..]
        // Protocol assignments and the three nets for documentation (RFC 5737)
        | [192, 0, 0 | 2, _]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        // Tests of network devices (RFC 2544)
        | [198, 18 | 19, ..] => true,
        [172, second, ..] => (16..32).contains(&second),
        // Between provider and customer (RFC 6598)
        [100, second, ..] => (64..128).contains(&second),
        _ => false,
    }
}

/// Whether an IPv6 address is outside global unicast (2000::/3, all that IANA has handed out), or for
/// documentation (RFC 3849, RFC 9637), or maps a reserved IPv4 address.
pub(in crate::indicators::scan) fn is_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_v4(mapped);
    }
    match address.segments() {
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => true,
        [first, ..] => first & 0xe000 != 0x2000,
    }
}
