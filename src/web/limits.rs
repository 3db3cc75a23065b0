//! How much one client gets: requests in a minute, and connections at the same time.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a limit counts in.
const WINDOW: Duration = Duration::from_secs(60);

/// Clients remembered at most. Those that rest are forgotten first; when all of them are busy, all are.
const MOST_CLIENTS: usize = 50_000;

/// One client: an IPv4 address, or the /64 that an IPv6 address lies in, which is the least a customer gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key(IpAddr);

impl From<IpAddr> for Key {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(v6) => Self(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into()),
            v4 @ IpAddr::V4(_) => Self(v4),
        }
    }
}

/// So many in a minute for each client, all at once or spread (the generic cell rate algorithm: one time per
/// client, of when what it has used up is earned again).
#[derive(Debug)]
pub(super) struct Pace {
    /// What one costs; `None`: nothing.
    cost: Option<Duration>,
    spent_until: Mutex<HashMap<Key, Instant>>,
}

impl Pace {
    /// A limit per minute; 0: none.
    pub(super) fn per_minute(limit: u32) -> Self {
        Self {
            cost: WINDOW.checked_div(limit),
            spent_until: Mutex::default(),
        }
    }

    /// Takes one for this client, or says how long it has to wait for it.
    pub(super) fn take(&self, client: IpAddr, now: Instant) -> Result<(), Duration> {
        let Some(cost) = self.cost else { return Ok(()) };
        let mut clients = lock(&self.spent_until);
        if clients.len() >= MOST_CLIENTS {
            clients.retain(|_, until| *until > now);
            if clients.len() >= MOST_CLIENTS {
                clients.clear();
            }
        }
        let until = clients.entry(client.into()).or_insert(now);
        let next = (*until).max(now) + cost;
        let over = next.saturating_duration_since(now + WINDOW);
        if over.is_zero() {
            *until = next;
            Ok(())
        } else {
            Err(over)
        }
    }
}

/// Connections of each client.
#[derive(Debug)]
pub(super) struct Connections {
    most: usize,
    open: Mutex<HashMap<Key, usize>>,
}

impl Connections {
    pub(super) fn at_most(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            open: Mutex::default(),
        })
    }

    /// Counts one in until the answer is dropped. `None`: the client has as many as it gets.
    pub(super) fn enter(self: &Arc<Self>, client: IpAddr) -> Option<Entered> {
        let key = client.into();
        let mut open = lock(&self.open);
        let count = open.entry(key).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Entered {
            connections: Arc::clone(self),
            key,
        })
    }
}

/// A connection that counts.
#[derive(Debug)]
pub(super) struct Entered {
    connections: Arc<Connections>,
    key: Key,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut open = lock(&self.connections.open);
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_minutes_worth_at_once_and_then_one_at_a_time() {
        let (pace, start) = (Pace::per_minute(6), Instant::now());
        let client = address("192.0.2.1");
        for _ in 0..6 {
            assert_eq!(pace.take(client, start), Ok(()));
        }
        let wait = pace.take(client, start).unwrap_err();
        assert_eq!(wait, Duration::from_secs(10));
        // What was refused costs nothing.
        assert_eq!(pace.take(client, start), Err(wait));
        assert_eq!(pace.take(client, start + wait), Ok(()));
        assert!(pace.take(client, start + wait).is_err());
        assert_eq!(pace.take(address("192.0.2.2"), start), Ok(()));
        for _ in 0..6 {
            assert_eq!(pace.take(client, start + wait + WINDOW), Ok(()));
        }
    }

    #[test]
    fn no_limit_is_no_limit() {
        let (pace, now) = (Pace::per_minute(0), Instant::now());
        assert!((0..10_000).all(|_| pace.take(address("::1"), now).is_ok()));
    }

    #[test]
    fn a_customers_ipv6_network_is_one_client() {
        let (pace, now) = (Pace::per_minute(1), Instant::now());
        assert!(pace.take(address("2001:db8:1:2::1"), now).is_ok());
        assert!(pace.take(address("2001:db8:1:2:ffff::9"), now).is_err());
        assert!(pace.take(address("2001:db8:1:3::1"), now).is_ok());
        assert!(pace.take(address("192.0.2.1"), now).is_ok());
        assert!(pace.take(address("::ffff:192.0.2.1"), now).is_err());
    }

    #[test]
    fn many_clients_do_not_fill_the_memory() {
        let (pace, now) = (Pace::per_minute(1), Instant::now());
        for number in 0..u32::try_from(MOST_CLIENTS).unwrap() + 10 {
            let _ = pace.take(IpAddr::from(number.to_be_bytes()), now);
        }
        assert!(lock(&pace.spent_until).len() <= MOST_CLIENTS);
    }

    #[test]
    fn connections_are_counted_out_again() {
        let connections = Connections::at_most(2);
        let client = address("192.0.2.1");
        let first = connections.enter(client).unwrap();
        let _second = connections.enter(client).unwrap();
        assert!(connections.enter(client).is_none());
        assert!(connections.enter(address("192.0.2.2")).is_some());
        drop(first);
        assert!(connections.enter(client).is_some());
    }
}
