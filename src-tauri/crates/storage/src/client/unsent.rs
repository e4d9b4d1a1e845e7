//! How much of what was handed to the system may wait there unsent.
//!
//! Without a bound a whole part lies in the system's buffers: a slow network looks like a peer that
//! does not answer, and after a pause megabytes still leave. The HTTP client keeps its sockets to
//! itself, so the one that just connected is found among the process's own by its addresses.

use std::net::SocketAddr;
use std::path::Path;

use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use socket2::SockRef;

/// Most unsent bytes of a connection. What is on its way is not counted, so fast networks with long
/// ways are not slowed.
const UNSENT: u32 = 64 * 1024;
/// Where Linux lists the files of this process.
const FILES: &str = "/proc/self/fd";

/// Bounds the connection between these addresses. Where the system does not allow that (Linux
/// before 5.6, some sandboxes), its own buffers have to do.
pub(super) fn bound(local: SocketAddr, remote: SocketAddr) {
    if let Err(error) = try_bound(local, remote) {
        tracing::debug!(%error, "the unsent bytes cannot be bounded");
    }
}

fn try_bound(local: SocketAddr, remote: SocketAddr) -> std::io::Result<()> {
    let this = pidfd_open(getpid(), PidfdFlags::empty())?;
    for number in open_files()?.into_iter().filter(|number| is_socket(*number)) {
        // A duplicate: it outlives neither this turn nor the connection's own.
        let Ok(socket) = pidfd_getfd(&this, number, PidfdGetfdFlags::empty()) else { continue };
        let socket = SockRef::from(&socket);
        let is = |address: std::io::Result<socket2::SockAddr>, wanted| {
            address.is_ok_and(|address| address.as_socket() == Some(wanted))
        };
        if is(socket.local_addr(), local) && is(socket.peer_addr(), remote) {
            return socket.set_tcp_notsent_lowat(UNSENT);
        }
    }
    Err(std::io::ErrorKind::NotFound.into())
}

/// The numbers of all open files, the newest first, as far as numbers tell.
fn open_files() -> std::io::Result<Vec<i32>> {
    let mut numbers: Vec<i32> = Path::new(FILES)
        .read_dir()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    numbers.sort_unstable_by(|one, other| other.cmp(one));
    Ok(numbers)
}

fn is_socket(number: i32) -> bool {
    let kind = Path::new(FILES).join(number.to_string()).read_link();
    kind.is_ok_and(|kind| kind.to_string_lossy().starts_with("socket:"))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn the_connection_is_found_and_bounded() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let streams: Vec<TcpStream> =
            (0..3).map(|_| TcpStream::connect(address).unwrap()).collect();
        bound(streams[1].local_addr().unwrap(), address);
        let bounds: Vec<u32> = streams
            .iter()
            .map(|stream| SockRef::from(stream).tcp_notsent_lowat().unwrap())
            .collect();
        assert_eq!(bounds, [bounds[0], UNSENT, bounds[0]]);
        assert_ne!(bounds[0], UNSENT);
    }
}
