//! The part of a form that says how stores are reached.

use ferry_model::{Fault, ProxyMode, ProxyServer};
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
    if let Err(fault) = check_ca_file(&ca_file) {
        problem("caFile", fault);
    }
    let mut read = NetworkForm { proxy: form.proxy, ca_file, ..NetworkForm::default() };
    if form.proxy == ProxyMode::Manual {
        read.proxy_user = form.proxy_user.trim().to_owned();
        read.direct_hosts = form.direct_hosts.trim().to_owned();
        match ProxyServer::parse(&form.proxy_server) {
            Ok((server, _)) => {
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
            proxy_server: " me:secret@proxy.lan:3128 ".into(),
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
        let wrong = NetworkForm {
            proxy_server: "ftp://proxy".into(),
            ca_file: "/nowhere/ca.pem".into(),
            ..typed
        };
        let fields: Vec<String> =
            read(&wrong).problems.into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["network.caFile", "network.proxyServer"]);
    }
}
