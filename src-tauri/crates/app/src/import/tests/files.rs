use super::*;

#[test]
fn ossutil_1() {
    // As `ossutil config` of 1.7 writes it, with the sections that its manual has users add.
    let text = "[Credentials]\r\nlanguage=EN\r\nendpoint=oss-cn-hangzhou.aliyuncs.com\r\naccessKeyID=LTAI5tExample\r\n\
        accessKeySecret=a+b/c=#;d\r\n\
        # accessKeySecret=old\r\n[Bucket-Endpoint]\r\nphotos = oss-cn-beijing-internal.aliyuncs.com\r\nboth=oss-cn-shanghai.aliyuncs.com\r\n\
        [Bucket-Cname]\r\nboth=img.example.com\r\n";
    check(
        &parse_ossutil(text, file()),
        &[
            "ossutil oss oss-cn-hangzhou.aliyuncs.com - - auto: LTAI5tExample a+b/c=#;d",
            "both oss img.example.com - both cname: LTAI5tExample a+b/c=#;d",
            "photos oss oss-cn-beijing-internal.aliyuncs.com - photos auto: LTAI5tExample a+b/c=#;d",
        ],
    );
    // Its other names, a token; the first of two sections counts, the last of two values.
    let text = "[Credentials]\nhost : h.example\naccess_id = one\naccess_id=id\naccess_key= s=:1 \nsts_token=t\n[Credentials]\naccess_id=two\n";
    check(&parse_ossutil(text, file()), &["ossutil oss h.example - - auto: id s=:1 t"]);
    for (text, expected) in [
        ("[Credentials]\nendpoint=e\n", "ossutil oss e - - auto: Incomplete"),
        (
            "[Credentials]\nendpoint=e\n[AkService]\necsAk=http://100.100.100.200/x\n",
            "ossutil oss e - - auto: Machine",
        ),
        ("[Credentials]\nmode=EcsRamRole\necsRoleName=r\n", "ossutil oss - - - auto: Machine"),
        (
            "[Credentials]\nmode=RamRoleArn\naccessKeyID=a\naccessKeySecret=b\n",
            "ossutil oss - - - auto: Role",
        ),
    ] {
        check(&parse_ossutil(text, file()), &[expected]);
    }
    check(&parse_ossutil("accessKeyID=a\naccessKeySecret=b\n", file()), &[]);
}

#[test]
fn ossutil_2() {
    let text = "\u{feff}# comment\n[default]\naccessKeyID = \"LTAI-d\"\naccessKeySecret = 'q#1;='\nregion = cn-hangzhou\n\
        [Profile sts]\naccess-key-id=STS.1\naccess_key_secret=s\nstsToken=t\nendpoint=https://oss-cn-beijing.aliyuncs.com\nmode=StsToken\n\
        [profile child]\nsource_profile = sts\nregion=cn-beijing\naddressing-style=path\n\
        [profile cmd]\nmode = Process\ncredentialProcess = /opt/cred --name \"a b\"\nregion=cn-shenzhen\n\
        [profile role]\naccessKeyID=a\naccessKeySecret=b\nmode = RamRoleArn\nroleArn = acs:ram::1:role/x\n\
        [profile ecs]\nmode = EcsRamRole\n[profile oidc]\nmode=oidcRoleArn\n[profile uri]\ncredential-uri=http://x\n\
        [profile half]\naccessKeyID=a\n[profile anon]\nmode=Anonymous\n[profile odd]\nmode=Quantum\n[profile loop]\nsource_profile=loop\n\
        [profile empty]\nlanguage=EN\n\
        [buckets photos]\nendpoint=img.example.com\naddressing-style=cname\n[buckets]\nx=y\n";
    check(
        &parse_ossutil(text, file()),
        &[
            "default oss - cn-hangzhou - auto: LTAI-d q#1;=",
            "sts oss https://oss-cn-beijing.aliyuncs.com - - auto: STS.1 s t",
            "child oss https://oss-cn-beijing.aliyuncs.com cn-beijing - path: STS.1 s t",
            "cmd oss - cn-shenzhen - auto: $/opt/cred --name \"a b\"",
            "role oss - - - auto: Role",
            "ecs oss - - - auto: Machine",
            "oidc oss - - - auto: Oidc",
            "uri oss - - - auto: Address",
            "half oss - - - auto: Incomplete",
            "anon oss - - - auto: Anonymous",
            "odd oss - - - auto: UnknownMode",
            "photos oss img.example.com cn-hangzhou photos cname: LTAI-d q#1;=",
        ],
    );
    // Both versions in one file, as an upgrade leaves it.
    let both = "[Credentials]\nendpoint=e\naccessKeyID=old\naccessKeySecret=o\n[default]\naccessKeyID=new\naccessKeySecret=n\nregion=cn-hangzhou\n";
    check(
        &parse_ossutil(both, file()),
        &["default oss - cn-hangzhou - auto: new n", "ossutil oss e - - auto: old o"],
    );
}

#[test]
fn alibaba_cloud_cli() {
    let text = r#"{"current":"second","profiles":[
        {"name":"default","mode":"AK","access_key_id":"","access_key_secret":"","region_id":"","output_format":"json","retry_count":0},
        {"name":"first","mode":"AK","access_key_id":"LTAI1","access_key_secret":"s\"\\/+=密","sts_token":"left over","region_id":"cn-beijing"},
        {"name":"second","mode":"StsToken","access_key_id":"STS.1","access_key_secret":"s","sts_token":"t","sts_expiration":1767225600},
        {"name":"cmd","mode":"External","process_command":"acs-sso login --profile x","region_id":"cn-hangzhou"},
        {"name":"half","mode":"StsToken","access_key_id":"STS.1","access_key_secret":"s"},
        {"name":"auto","access_key_id":"LTAI2","access_key_secret":"s"},
        {"name":"role","mode":"RamRoleArn","access_key_id":"a","access_key_secret":"b","ram_role_arn":"r"},
        {"name":"chain","mode":"ChainableRamRoleArn"},{"name":"ecs","mode":"EcsRamRole"},{"name":"sso","mode":"CloudSSO","sts_token":"t"},
        {"name":"oauth","mode":"OAuth"},{"name":"uri","mode":"CredentialsURI"},{"name":"oidc","mode":"OIDC"},
        {"name":"rsa","mode":"RsaKeyPair"},{"name":"bearer","mode":"BearerToken"},{"name":"anon","mode":"Anonymous"},{"name":"odd","mode":"X"},
        {"name":"broken","mode":"AK","access_key_id":"LTAI3","access_key_secret":"a\nb"},{"mode":"AK"}],"meta_path":""}"#;
    check(
        &parse_aliyun(text, file()).expect("is JSON"),
        &[
            "second oss - - - auto: STS.1 s t 1767225600000",
            "first oss - cn-beijing - auto: LTAI1 s\"\\/+=密",
            "cmd oss - cn-hangzhou - auto: $acs-sso login --profile x",
            "half oss - - - auto: Incomplete",
            "auto oss - - - auto: LTAI2 s",
            "role oss - - - auto: Role",
            "chain oss - - - auto: Role",
            "ecs oss - - - auto: Machine",
            "sso oss - - - auto: SignIn",
            "oauth oss - - - auto: SignIn",
            "uri oss - - - auto: Address",
            "oidc oss - - - auto: Oidc",
            "rsa oss - - - auto: OtherSignature",
            "bearer oss - - - auto: OtherSignature",
            "anon oss - - - auto: Anonymous",
            "odd oss - - - auto: UnknownMode",
            "broken oss - - - auto: Damaged",
        ],
    );
    for text in [
        "",
        "canary",
        "[]",
        r#"{"profiles":{}}"#,
        r#"{"profiles":[{"name":"canary","access_key_secret":1}]}"#,
    ] {
        assert_eq!(parse_aliyun(text, file()), Err(Refusal::BadForm), "{text}");
    }
    assert_eq!(parse_aliyun(r#"{"profiles":null}"#, file()), Ok(vec![]));
}

const AWS_CREDENTIALS: &str = "# mine\n[other]\naws_access_key_id = AKIA2\naws_secret_access_key = wJalr/K7+EN#G;b=\n\n\
    [default]\nAWS_ACCESS_KEY_ID=AKIA1\naws_secret_access_key=s1\n\
    [saml]\naws_access_key_id=ASIA1\naws_secret_access_key=s\naws_session_token=t==\nx_security_token_expires = 2026-01-01T08:00:00+08:00\n\
    [expired]\naws_access_key_id=ASIA2\naws_secret_access_key=s\naws_session_token=t\naws_expiration=2026-01-01T00:00:00Z\n\
    [split]\naws_access_key_id=AKIA3\naws_secret_access_key=two\n lines\n\
    [half]\naws_access_key_id=AKIA4\n[profile odd]\naws_access_key_id=AKIA5\naws_secret_access_key=s\n";

const AWS_CONFIG: &str = "[default]\nregion=eu-central-1\noutput=json\ns3 =\n    addressing_style = virtual\n    max_concurrent_requests = 20\n\
    [profile other]\nregion = us-west-2\naws_access_key_id = never\naws_secret_access_key = never\nservices = local\n\
    [profile saml]\nendpoint_url = https://minio.example\ns3=\n\taddressing_style=path\n\
    [profile \"two words\"]\naws_access_key_id=AKIA6\naws_secret_access_key=s\n[profile not one]\naws_access_key_id=x\naws_secret_access_key=y\n\
    [profile cmd]\ncredential_process = /opt/bin/helper --a \"b c\"\nregion=us-east-1\nendpoint_url=https://x\nignore_configured_endpoint_urls=TRUE\n\
    [profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\naws_access_key_id=x\naws_secret_access_key=y\n\
    [profile web]\nrole_arn=r\nweb_identity_token_file=/f\n[profile sso]\nsso_session = corp\nregion=eu-west-1\n\
    [profile so,so]\nsso_start_url=https://x\n[profile regional]\nregion=x\n[sso-session corp]\nsso_start_url=https://x\n\
    [services local]\ns3 = \n  endpoint_url = http://127.0.0.1:9000\ndynamodb =\n  endpoint_url = http://no\n[plugins]\ncli=x\n";

#[test]
fn aws_cli() {
    let (credentials, config) = (Path::new("/c/credentials"), Path::new("/c/config"));
    let found = parse_aws(AwsFiles {
        credentials: Some((AWS_CREDENTIALS, credentials)),
        config: Some((AWS_CONFIG, config)),
    });
    check(
        &found,
        &[
            "default s3 - eu-central-1 - virtual: AKIA1 s1",
            "other s3 http://127.0.0.1:9000 us-west-2 - auto: AKIA2 wJalr/K7+EN#G;b=",
            "saml s3 https://minio.example - - path: ASIA1 s t== 1767225600000",
            "expired s3 - - - auto: ASIA2 s t 1767225600000",
            "split s3 - - - auto: Damaged",
            "half s3 - - - auto: Incomplete",
            "profile odd s3 - - - auto: AKIA5 s",
            "two words s3 - - - auto: AKIA6 s",
            "cmd s3 - us-east-1 - auto: $/opt/bin/helper --a \"b c\"",
            "role s3 - - - auto: Role aws configure export-credentials --profile role --format process",
            "web s3 - - - auto: Role aws configure export-credentials --profile web --format process",
            "sso s3 - eu-west-1 - auto: SignIn aws configure export-credentials --profile sso --format process",
            "so,so s3 - - - auto: SignIn",
        ],
    );
    let paths: Vec<&Path> = found.iter().map(|candidate| candidate.source.path.as_path()).collect();
    assert_eq!(paths[..7], [credentials; 7]);
    assert_eq!(paths[7..], [config; 6]);
    // Each file alone; a key beside a sign-in; a command in one file goes before a key in the
    // config.
    check(
        &parse_aws(AwsFiles {
            config: Some(("[default]\naws_access_key_id=a\naws_secret_access_key=b\n", config)),
            ..AwsFiles::default()
        }),
        &["default s3 - - - auto: a b"],
    );
    let sso = "[profile x]\nsso_session=corp\ncredential_process=cmd\naws_access_key_id=a\naws_secret_access_key=b\n";
    check(
        &parse_aws(AwsFiles { config: Some((sso, config)), credentials: None }),
        &["x s3 - - - auto: $cmd"],
    );
    let own = "[x]\naws_access_key_id=c\naws_secret_access_key=d\n";
    check(
        &parse_aws(AwsFiles { config: Some((sso, config)), credentials: Some((own, credentials)) }),
        &["x s3 - - - auto: c d"],
    );
    // A deeper line goes on with the one above it; one as deep does not.
    let indented = "[default]\n  aws_access_key_id=a\n  aws_secret_access_key=b\n  s3 =\n    addressing_style=path\n  region=r\n";
    check(
        &parse_aws(AwsFiles { credentials: Some((indented, credentials)), config: None }),
        &["default s3 - r - path: a b"],
    );
    check(&parse_aws(AwsFiles::default()), &[]);
}

#[test]
fn rclone() {
    let text = "; comment\n[oss]\ntype = s3\nprovider = Alibaba\naccess_key_id = LTAI1\nsecret_access_key = a=b:c#d;e\n\
        endpoint = oss-cn-hangzhou.aliyuncs.com\nacl = private\nstorage_class = IA\nforce_path_style = false\n\n\
        [minio]\ntype = s3\nprovider = Minio\nenv_auth = true\naccess_key_id = `back`\nsecret_access_key = \"\"\"tri`\"ple\"\"\"\nsession_token = \"kept\"\n\
        endpoint = http://10.0.0.1:9000\nregion = us-east-1\nforce_path_style = true\n\
        [virtual]\ntype=s3\nprovider=Other\naccess_key_id=a\nsecret_access_key=b\nforce_path_style=0\n\
        [env]\ntype = s3\nenv_auth = true\n[anon]\ntype = s3\n[half]\ntype = s3\naccess_key_id = a\n[role]\ntype=s3\nrole_arn=r\n\
        [enc]\ntype = crypt\nremote = oss:photos\n[al]\ntype = alias\nremote = oss:photos\n[drive]\ntype = drive\nsecret_access_key = x\n\
        [oss]\naccess_key_id = LTAI2\n[bad\ntype = s3\naccess_key_id = lost\nsecret_access_key = lost\n";
    check(
        &parse_rclone(text, file()).expect("is plain"),
        &[
            "oss oss oss-cn-hangzhou.aliyuncs.com - - auto: LTAI2 a=b:c#d;e +private+IA",
            "minio s3 http://10.0.0.1:9000 us-east-1 - path: back tri`\"ple \"kept\"",
            "virtual s3 - - - virtual: a b",
            "env s3 - - - auto: Machine",
            "anon s3 - - - auto: Anonymous",
            "half s3 - - - auto: Incomplete",
            "role s3 - - - auto: Role",
        ],
    );
    for text in [
        "# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nabcd\n",
        "\u{feff}RCLONE_ENCRYPT_V1:\r\nx",
    ] {
        assert_eq!(parse_rclone(text, file()), Err(Refusal::Encrypted));
    }
}

#[test]
fn nothing_shows_a_secret() {
    let text = "[default]\naccessKeyID=LTAI5tExample9sXy\naccessKeySecret=canary\nstsToken=canary\n\
        [profile cmd]\nmode=Process\ncredentialProcess=helper --password canary\n";
    let found = parse_ossutil(text, file());
    assert_eq!(found.len(), 2);
    let shown = format!(
        "{found:?} {found:#?} {:?}",
        AwsFiles { credentials: Some((text, file())), config: None }
    );
    assert!(!shown.contains("canary") && !shown.contains("LTAI5tExample9sXy"), "{shown}");
    assert_eq!(found[0].masked_access_key_id().as_deref(), Some("LTAI…9sXy"));
    assert_eq!(found[1].masked_access_key_id(), None);
    for (id, shown) in [("a", "…"), ("short-id", "sh…id"), ("密钥", "…"), ("", "…")] {
        assert_eq!(masked(id), shown);
    }
}
