//! This computer's network interfaces, and which of them its connection goes through.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use netwatcher::Interface;

/// Addresses of nobody, reserved for documents (RFC 5737, RFC 3849): the way to them is the way to
/// everywhere that the computer has no nearer one to. Nothing is sent there.
const ANYWHERE: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];
/// Any port does.
const PORT: u16 = 443;

/// The interface that the computer's connection goes through. `None` where there is none, or where
/// the system does not tell.
pub(crate) fn outgoing() -> Option<String> {
    ANYWHERE.into_iter().find_map(towards)
}

/// The names of the interfaces that have an address others can reach, sorted.
pub(crate) fn names() -> Vec<String> {
    let reachable =
        |interface: &Interface| interface.ips.iter().any(|record| !record.ip.is_loopback());
    let mut names: Vec<String> = all().filter(reachable).map(|interface| interface.name).collect();
    names.sort();
    names
}

/// The interface that has the address a packet to this one would come from.
fn towards(address: IpAddr) -> Option<String> {
    let unspecified: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(unspecified, 0)).ok()?;
    // It chooses the way, and sends nothing.
    socket.connect(SocketAddr::new(address, PORT)).ok()?;
    let from = socket.local_addr().ok()?.ip();
    let holds = |interface: &Interface| interface.ips.iter().any(|record| record.ip == from);
    all().find(holds).map(|interface| interface.name)
}

fn all() -> impl Iterator<Item = Interface> {
    let listed = netwatcher::list_interfaces();
    let listed = listed.inspect_err(|error| {
        tracing::debug!(%error, "network interfaces cannot be listed");
    });
    listed.unwrap_or_default().into_values()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_this_computer_is_its_loopback() {
        let found = towards(Ipv4Addr::LOCALHOST.into()).expect("every computer has one");
        let loopback = all().find(|interface| interface.name == found).expect("is listed");
        assert!(loopback.ips.iter().any(|record| record.ip.is_loopback()), "{found}");
        assert!(!names().contains(&found));
    }
}
