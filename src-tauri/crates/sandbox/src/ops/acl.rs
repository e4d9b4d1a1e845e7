//! `?acl`: who may do what, as OSS names it and as S3 lists it (OSS: "PutObjectACL"; S3:
//! "PutObjectAcl", "Canned ACL").

use http::StatusCode;

use super::{Call, attributes, object};
use crate::body::{Failure, Inbound, blocking};
use crate::error::ApiError;
use crate::request::Dialect;
use crate::respond::Reply;
use crate::xml::{self, Document, Node};

/// Whom everything belongs to.
pub(super) const OWNER: &str = "sandbox";
/// Largest body of PutObjectAcl, in bytes.
const LARGEST: usize = 64 * 1024;
/// The groups that S3 knows begin so.
const GROUPS: &str = "http://acs.amazonaws.com/groups/global/";

/// What S3's canned ACLs grant beside the owner's full control: to whom, and what.
const GRANTS: &[(&str, &str, &[&str])] = &[
    ("authenticated-read", "AuthenticatedUsers", &["READ"]),
    ("public-read", "AllUsers", &["READ"]),
    ("public-read-write", "AllUsers", &["READ", "WRITE"]),
];

pub(super) fn owner(document: &mut Document) {
    document.begin("Owner").leaf("ID", OWNER).leaf("DisplayName", OWNER).end();
}

pub(super) fn of_bucket(call: &Call) -> Result<Reply, ApiError> {
    call.bucket()?;
    Ok(Reply::xml(document(call, "private")))
}

pub(super) fn of_object(call: &Call) -> Result<Reply, ApiError> {
    let object = object::lookup(call)?;
    let acl = match (object.record.meta.acl.as_deref(), call.dialect) {
        (None, Dialect::Oss) => "default",
        (None, Dialect::S3) => "private",
        // OSS has no word for the others, which give the public nothing.
        (Some(acl), Dialect::Oss) if !attributes::OSS_ACLS.contains(&acl) => "private",
        (Some(acl), _) => acl,
    };
    Ok(Reply::xml(document(call, acl)))
}

/// The access rules in the dialect's form.
fn document(call: &Call, canned: &str) -> Document {
    let mut document = Document::new("AccessControlPolicy", call.namespace());
    owner(&mut document);
    document.begin("AccessControlList");
    if call.dialect == Dialect::Oss {
        document.leaf("Grant", canned);
        return document;
    }
    document
        .begin("Grant")
        .begin_typed("Grantee", "CanonicalUser")
        .leaf("ID", OWNER)
        .leaf("DisplayName", OWNER)
        .end()
        .leaf("Permission", "FULL_CONTROL")
        .end();
    for (_, group, permissions) in GRANTS.iter().filter(|(name, ..)| *name == canned) {
        for permission in *permissions {
            document
                .begin("Grant")
                .begin_typed("Grantee", "Group")
                .leaf("URI", format!("{GROUPS}{group}"))
                .end()
                .leaf("Permission", permission)
                .end();
        }
    }
    document
}

/// PutObjectAcl: by header in both dialects, and by S3's document.
pub(super) async fn put(call: &Call, inbound: &mut Inbound) -> Result<Reply, Failure> {
    let text = inbound.text(&call.body_plan()?, LARGEST).await?;
    let bucket = call.bucket()?;
    let key = call.key()?;
    let acl = match attributes::acl(&call.request, call.dialect)? {
        Some(acl) => acl,
        None if call.dialect == Dialect::Oss => {
            return Err(ApiError::argument(
                "x-oss-object-acl",
                "",
                "The header x-oss-object-acl is required.",
            )
            .into());
        }
        None => canned(&text)?.to_owned(),
    };
    blocking(move || {
        bucket.describe(&key, |meta| meta.acl = Some(acl))?;
        Ok(Reply::new(StatusCode::OK))
    })
    .await
}

/// The canned ACL that a document of grants comes to.
///
/// # Errors
///
/// `MalformedACLError` when it is no such document, `NotImplemented` for grants that no canned ACL
/// has.
fn canned(text: &str) -> Result<&'static str, ApiError> {
    let malformed = || ApiError::new("MalformedACLError");
    let root =
        xml::parse(text).filter(|root| root.name == "AccessControlPolicy").ok_or_else(malformed)?;
    let list = root.named("AccessControlList").next().ok_or_else(malformed)?;
    let mut wanted: Vec<(String, &str)> = Vec::new();
    for grant in list.named("Grant") {
        let (grantee, permission) = (
            grant.named("Grantee").next().ok_or_else(malformed)?,
            grant.child_text("Permission").unwrap_or(""),
        );
        match (grantee.child_text("URI"), grantee.child_text("ID")) {
            (Some(group), _) => {
                wanted.push((group.trim_start_matches(GROUPS).to_owned(), permission))
            }
            (None, Some(OWNER)) if permission == "FULL_CONTROL" => {}
            _ => return Err(ApiError::new("NotImplemented").with("Grantee", grantee_name(grantee))),
        }
    }
    wanted.sort_unstable();
    if wanted.is_empty() {
        return Ok("private");
    }
    let same = |(_, group, permissions): &&(&str, &str, &[&str])| {
        wanted
            .iter()
            .map(|(group, permission)| (group.as_str(), *permission))
            .eq(permissions.iter().map(|permission| (*group, *permission)))
    };
    GRANTS.iter().find(same).map(|(name, ..)| *name).ok_or_else(|| ApiError::new("NotImplemented"))
}

fn grantee_name(grantee: &Node) -> String {
    grantee.child_text("ID").unwrap_or("").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(grants: &[(&str, &str)]) -> String {
        let grants: String = grants
            .iter()
            .map(|(grantee, permission)| {
                let who = if *grantee == OWNER {
                    format!("<ID>{OWNER}</ID>")
                } else {
                    format!("<URI>{GROUPS}{grantee}</URI>")
                };
                format!(
                    "<Grant><Grantee>{who}</Grantee><Permission>{permission}</Permission></Grant>"
                )
            })
            .collect();
        format!(
            "<AccessControlPolicy><AccessControlList>{grants}</AccessControlList></AccessControlPolicy>"
        )
    }

    #[test]
    fn grants_come_to_a_canned_acl_or_are_refused() {
        for (grants, expected) in [
            (&[(OWNER, "FULL_CONTROL")][..], Ok("private")),
            (&[], Ok("private")),
            (&[(OWNER, "FULL_CONTROL"), ("AllUsers", "READ")], Ok("public-read")),
            (&[("AllUsers", "WRITE"), ("AllUsers", "READ")], Ok("public-read-write")),
            (&[("AuthenticatedUsers", "READ")], Ok("authenticated-read")),
            (&[("AllUsers", "WRITE")], Err("NotImplemented")),
            (&[("AllUsers", "READ"), ("AuthenticatedUsers", "READ")], Err("NotImplemented")),
            (&[(OWNER, "READ")], Err("NotImplemented")),
        ] {
            assert_eq!(
                canned(&policy(grants)).map_err(|error| error.code),
                expected.map_err(str::to_owned),
                "{grants:?}"
            );
        }
        for broken in [
            "",
            "<AccessControlPolicy/>",
            "<Other/>",
            "<AccessControlPolicy><AccessControlList><Grant/></AccessControlList></AccessControlPolicy>",
        ] {
            assert_eq!(canned(broken).unwrap_err().code, "MalformedACLError", "{broken}");
        }
    }
}
