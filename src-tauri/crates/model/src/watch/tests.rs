use super::*;

fn identity() -> SourceIdentity {
    SourceIdentity { device: 1, file: 2, size: 3, modified_ns: 4, changed_ns: 5 }
}

#[test]
fn a_marker_stands_beside_its_file() {
    let marker = Completion::Marker { ending: ".done".into() };
    for (path, markers) in
        [("/in/a.raw", &["/in/a.raw.done", "/in/a.done"][..]), ("/in/b/a", &["/in/b/a.done"])]
    {
        let markers: Vec<PathBuf> = markers.iter().map(PathBuf::from).collect();
        assert_eq!(marker.markers(Path::new(path)), markers, "{path}");
        assert!(markers.iter().all(|path| marker.is_marker(path)), "{path}");
        assert!(!marker.is_marker(Path::new(path)), "{path}");
    }
    assert!(Completion::Quiet.markers(Path::new("/in/a")).is_empty());
    assert!(!Completion::Quiet.is_marker(Path::new("/in/a.done")));
}

#[test]
fn a_renamed_file_is_covered_only_by_its_verified_key() {
    let known = |state| KnownFile {
        identity: identity(),
        key: "a".into(),
        transfer: None,
        state,
        growth: Growth::Whole,
    };
    let renamed = SourceIdentity { changed_ns: 9, ..identity() };
    let verified = known(KnownState::Verified);
    assert!(verified.may_be_renamed_to(&renamed) && !verified.is(&renamed));
    assert!(verified.covers("a") && !verified.covers("b"));
    assert!(!known(KnownState::Open).covers("a"));
    for other in [
        SourceIdentity { file: 7, ..renamed },
        SourceIdentity { size: 7, ..renamed },
        SourceIdentity { modified_ns: 7, ..renamed },
    ] {
        assert!(!verified.may_be_renamed_to(&other), "{other:?}");
    }
}

#[test]
fn what_was_begun_while_it_grew_goes_on_as_the_same_file() {
    let grown = SourceIdentity { size: 30, modified_ns: 9, changed_ns: 9, ..identity() };
    let other = SourceIdentity { file: 9, ..grown };
    for (growth, state, found, goes_on) in [
        (Growth::Growing, KnownState::Open, grown, true),
        (Growth::Growing, KnownState::Open, identity(), true),
        (Growth::Grown, KnownState::Open, grown, true),
        (Growth::Growing, KnownState::Open, other, false),
        (Growth::Growing, KnownState::Dismissed, grown, false),
        (Growth::Whole, KnownState::Open, grown, false),
    ] {
        let key = "a".into();
        let known = KnownFile { identity: identity(), key, transfer: None, state, growth };
        assert_eq!(known.goes_on_with(&found), goes_on, "{growth:?} {state:?}");
        let is_settled = growth != Growth::Growing;
        assert_eq!(known.is(&identity()), is_settled, "{growth:?}: whether it is complete");
    }
}

#[test]
fn only_what_is_as_it_was_verified_is_tidied() {
    for (state, changed_ns, may) in [
        (KnownState::Verified, 5, true),
        (KnownState::Verified, 6, false),
        (KnownState::Open, 5, false),
        (KnownState::Dismissed, 5, false),
    ] {
        let known = KnownFile {
            identity: identity(),
            key: "a".into(),
            transfer: None,
            state,
            growth: Growth::Whole,
        };
        let now = SourceIdentity { changed_ns, ..identity() };
        assert_eq!(may_be_tidied(&known, &now), may, "{state:?} {changed_ns}");
    }
}

#[test]
fn what_a_watch_cannot_do_is_refused() {
    let good = WatchSettings::default();
    let marker = |ending: &str| WatchSettings {
        completion: Completion::Marker { ending: ending.into() },
        ..good.clone()
    };
    // On Windows, a path begins at a drive.
    let local = |path: &str| match path.strip_prefix('/') {
        Some(below) if cfg!(windows) => format!("C:/{below}"),
        _ => path.to_owned(),
    };
    let moving = |folder: &str| WatchSettings {
        afterwards: Afterwards::Move { folder: local(folder).into() },
        ..good.clone()
    };
    let asking = WatchSettings { existing: ExistingPolicy::Ask, ..good.clone() };
    let hashed = WatchSettings {
        growing: GrowingFiles::Send,
        naming: Naming { template: "{prefix}{hash8}{ext}".into(), ..Naming::default() },
        ..good.clone()
    };
    let table = [
        (good.clone(), "/in", None),
        (good.clone(), "in", Some("folder")),
        (marker(".done"), "/in", None),
        (marker("done"), "/in", Some("marker")),
        (marker("."), "/in", Some("marker")),
        (marker("./x"), "/in", Some("marker")),
        (moving("/sent"), "/in", None),
        (moving("sent"), "/in", Some("moveTo")),
        (moving("/in/sent"), "/in", Some("moveTo")),
        (moving("/"), "/in", Some("moveTo")),
        (asking, "/in", Some("existing")),
        (hashed, "/in", Some("growing")),
    ];
    for (settings, folder, expected) in table {
        let refused =
            settings.check(Path::new(&local(folder))).err().and_then(|fault| fault.subject);
        assert_eq!(refused.as_deref(), expected, "{settings:?}");
    }
}

#[test]
fn looking_takes_a_small_share_of_the_time() {
    let settings = WatchSettings { rescan_minutes: 1, ..WatchSettings::default() };
    for (scan, after) in [(0, 60), (1, 200), (10, 2_000)] {
        let after = Duration::from_secs(after);
        assert_eq!(settings.rescan_after(Duration::from_secs(scan)), after, "{scan} s");
    }
}

#[test]
fn settings_of_before_have_todays_defaults() {
    let read: WatchSettings = serde_json::from_str("{}").expect("reads");
    assert_eq!(read, WatchSettings::default());
    let all = serde_json::to_string(&read).expect("writes");
    assert_eq!(serde_json::from_str::<WatchSettings>(&all).expect("reads"), read);
}
