//! `ferry bench` against the servers: what it deletes is gone, also where versions are kept.

use support::ferry::{Place, Ran};

use crate::Ground;

pub(crate) async fn a_benchmark_leaves_no_version_behind(ground: &Ground<'_>) {
    let place = Place::new().await;
    let other = place.write("other.bin", b"another object");
    ground.store.put_all(&place, &[&other], &ground.destination(""), &[]).await.assert_verified(1);
    let before = ground.store.versions(ground.bucket).await;
    assert_eq!(before.as_array().map(Vec::len), Some(1), "{before}");
    for keeps_versions in [false, true] {
        if keeps_versions {
            ground.store.keep_versions(ground.bucket).await;
        }
        let mut command = ground.store.ferry(&place);
        command.args(["bench", &format!("s3://{}", ground.destination("speed/")), "--json"]);
        command.args(["--endpoint", &ground.store.endpoint]);
        command.args(["--size", "16MiB", "--files", "20"]);
        let ran = Ran::of(command).await;
        assert_eq!(ran.code, 0, "{ran:#?}");
        let after = ground.store.versions(ground.bucket).await;
        assert_eq!(after, before, "versions or markers are left: {keeps_versions} {ran:#?}");
    }
    ground.store.assert_holds(ground.bucket, &[("other.bin".into(), other)]).await;
}
