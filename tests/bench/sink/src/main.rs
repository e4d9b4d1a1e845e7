//! The store that `cargo xtask bench` measures against.
//!
//! It takes an upload as OSS and S3 do, believes every signature, and keeps sizes and sums but no
//! bytes, so that what is measured is the client. Its answers are true: CRC-64 is computed over
//! every body, MD5 over small ones. It shares no code with Ferry or its practice server.

mod answer;
mod body;
mod chunks;
mod counts;
mod crc64;
mod faults;
mod operations;
mod options;
mod pace;
mod request;
mod serve;
mod store;
mod tls;
mod wire;

use std::io::{self, BufRead as _, Write as _};
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;

use options::{Options, USAGE};
use serve::Server;

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--help") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(reason) => {
            eprintln!("bench-sink: {reason}\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-sink: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let tls = match &options.tls {
        Some(file) => Some(tls::config(&options.bucket, file)?),
        None => None,
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    println!("listening {scheme}://127.0.0.1:{}", listener.local_addr()?.port());
    io::stdout().flush()?;
    let server = Arc::new(Server::new(options, tls));
    let accepting = Arc::clone(&server);
    std::thread::spawn(move || {
        if let Err(error) = accepting.accept(&listener) {
            eprintln!("bench-sink: no more connections: {error}");
        }
    });
    for line in io::stdin().lock().lines() {
        if line?.trim() == "mark" {
            server.counts.mark();
        }
        println!("{}", server.counts.line());
        io::stdout().flush()?;
    }
    Ok(())
}
