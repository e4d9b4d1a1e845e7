//! The part of a form that says how stores are reached.

use std::path::Path;

use ferry_model::{Fault, FaultKind, ProxyMode, ProxyServer};
use ferry_storage::check_ca_file;

use crate::messages::{FieldProblem, NetworkForm};

/// A form that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    /// With a proxy's address completed, and without what its choice does not need.
    pub(crate) form: NetworkForm,
    /// What is wrong, by field: `network.proxyServer`, `network.caFile`.
    pub(crate) problems: Vec<FieldProblem>,
}

/// Understands a form. Never fails: what is wrong stands beside the field.
pub(crate) fn read(form: &NetworkForm) -> Reading {
    let mut problems = Vec::new();
    let mut problem = |field: &str, fault: Fault| {
        let field = format!("network.{field}");
        problems.push(FieldProblem { field, problem: fault.into() });
    };
    let ca_file = form.ca_file.trim().to_owned();
    if !ca_file.is_empty() && !Path::new(&ca_file).is_absolute() {
        // A form does not tell which folder a relative path starts from.
        let fault = Fault::new(FaultKind::CaFileUnusable).with_subject(ca_file.clone());
        problem("caFile", fault.with_detail("its whole path is needed"));
    } else if let Err(fault) = check_ca_file(&ca_file) {
        problem("caFile", fault);
    }
    let mut read = NetworkForm { proxy: form.proxy, ca_file, ..NetworkForm::default() };
    if form.proxy == ProxyMode::Manual {
        read.proxy_user = form.proxy_user.trim().to_owned();
        read.direct_hosts = form.direct_hosts.trim().to_owned();
        match ProxyServer::parse(&form.proxy_server) {
            // It would be shown, and kept where no password belongs.
            Ok((server, Some(_))) => {
                read.proxy_server = server.address();
                let fault = Fault::new(FaultKind::ProxyInvalid).with_subject(server.address());
                problem("proxyServer", fault.with_detail("the password has a field of its own"));
            }
            Ok((server, None)) => {
                read.proxy_server = server.address();
                if !server.user.is_empty() {
                    read.proxy_user = server.user;
                }
            }
            Err(fault) => {
                read.proxy_server = form.proxy_server.clone();
                problem("proxyServer", fault);
            }
        }
    }
    Reading { form: read, problems }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_completed_and_what_is_not_needed_is_forgotten() {
        let typed = NetworkForm {
            proxy: ProxyMode::Manual,
            proxy_server: " me@proxy.lan:3128 ".into(),
            direct_hosts: " .lan ".into(),
            ..NetworkForm::default()
        };
        let reading = read(&typed);
        assert_eq!(reading.problems, []);
        assert_eq!(
            (reading.form.proxy_server.as_str(), reading.form.proxy_user.as_str()),
            ("http://proxy.lan:3128", "me")
        );
        assert_eq!(reading.form.direct_hosts, ".lan");
        for proxy in [ProxyMode::Settings, ProxyMode::System, ProxyMode::Direct] {
            let reading = read(&NetworkForm { proxy, ..typed.clone() });
            assert_eq!(reading.form, NetworkForm { proxy, ..NetworkForm::default() });
        }
        for (server, file) in
            [("ftp://proxy", "/nowhere/ca.pem"), ("http://me:canary@proxy.lan", "ca.pem")]
        {
            let (proxy_server, ca_file) = (server.into(), file.into());
            let reading = read(&NetworkForm { proxy_server, ca_file, ..typed.clone() });
            let fields: Vec<&str> =
                reading.problems.iter().map(|problem| problem.field.as_str()).collect();
            assert_eq!(fields, ["network.caFile", "network.proxyServer"], "{server}");
            assert!(!format!("{reading:?}").contains("canary"));
        }
    }
}
