//! The commands of the window, listed once for everything that carries a page: the shell, and the
//! web host of the tests.

/// Calls the macro `$expand` with every command of the window.
///
/// The list begins with the name under which the bodies know the [`App`](crate::App). Commands
/// under `of_host` need what only a host has (a channel, native dialogs, the desktop): each host has a function
/// of that name. The others come with their arguments, their answer, and a body that answers
/// `Result<_, Problem>`; their types are those of [`messages`](crate::messages), which `$expand`
/// imports.
///
/// A page sends arguments by name, in camelCase.
#[macro_export]
macro_rules! window_commands {
    ($expand:ident) => {
        $expand! {
            app,
            of_host {
                subscribe, pick_files, pick_folder, pick_watch_folder, paste, show_in_folder,
                show_data_folder, answer_close, stay_open, desktop_state, set_opens_at_login,
                save_receipt, save_diagnostics, open_release_page, restart_to_update
            }

            /// Says which rows the page shows.
            set_viewport(viewport: Viewport) -> () {
                app.set_viewport(viewport).await;
                Ok(())
            }

            /// Says which transfers the user selected, under a number that the answer in the
            /// updates carries.
            select(number: u32, target: Target) -> () {
                app.select(number, target).await;
                Ok(())
            }

            /// Does something with transfers.
            act(action: Action, target: Target) -> () {
                app.act(action, target).await
            }

            /// Takes back what waits and can be undone.
            undo(number: i64) -> () {
                app.undo(number).await
            }

            /// Moves files within their batches.
            move_transfers(target: Target, place: MoveTo) -> () {
                Ok(app.move_transfers(target, place).await?)
            }

            /// Moves a batch among those with work left.
            move_batch(id: i64, place: MoveTo) -> () {
                Ok(app.move_batch(id, place).await?)
            }

            /// Says what files added from now on shall be like, dropped or chosen; nothing ends it.
            stage_batch(form: Option<BatchForm>) -> Vec<FieldProblem> {
                app.stage_batch(form).await
            }

            /// Says whether an open dialog is in the way of files that are dropped.
            refuse_drops(refuse: bool) -> () {
                app.refuse_drops(refuse);
                Ok(())
            }

            /// Says where destinations stand on which files can be dropped.
            set_drop_zones(zones: Vec<DropZone>) -> () {
                app.set_drop_zones(zones);
                Ok(())
            }

            /// The folders in a folder of a profile's bucket; nothing where the list was ended.
            list_folders(profile: i64, folder: String) -> Option<FolderList> {
                app.list_folders(profile, folder).await
            }

            /// Ends the list of folders that is under way.
            end_folders() -> () {
                app.end_folders();
                Ok(())
            }

            /// Says what becomes of a drop that is asked about.
            answer_drop(id: u64, answer: DropAnswer) -> () {
                app.answer_drop(id, answer).await
            }

            /// Makes links to what was uploaded.
            make_links(target: Target, kind: LinkKind, format: LinkFormat) -> Links {
                app.make_links(target, kind, format).await
            }

            /// What is to be told of a file beside its row; nothing once it is off the list.
            read_details(id: i64) -> Option<Details> {
                app.read_details(id).await
            }

            /// What became of a batch, and some of its files.
            read_receipt(batch: i64, offset: u32, limit: u32) -> ReceiptView {
                app.read_receipt(batch, offset, limit).await
            }

            /// Begins to ask the store for each object of a batch.
            begin_recheck(batch: i64) -> () {
                app.begin_recheck(batch).await
            }

            /// How far that has come; nothing where it was not begun.
            read_recheck(batch: i64) -> Option<RecheckView> {
                Ok(app.read_recheck(batch))
            }

            /// Ends what was begun with a receipt: asking the store, and writing a file.
            end_receipt_work() -> () {
                app.end_receipt_work();
                Ok(())
            }

            /// How this run fares.
            read_figures() -> FiguresView {
                Ok(app.read_figures())
            }

            /// Examines the addresses of a profile.
            run_doctor(profile: i64) -> CheckupView {
                app.run_doctor(profile).await
            }

            /// Begins to watch a folder that was picked, or says what is wrong, by field.
            add_watch(form: WatchForm) -> Vec<FieldProblem> {
                app.add_watch_by_form(form).await
            }

            /// A watch as the form shows it, to be changed.
            read_watch(id: i64) -> WatchForm {
                app.read_watch(WatchId(id)).await
            }

            /// Gives a watch what the form says, or says what is wrong, by field.
            change_watch(id: i64, form: WatchForm) -> Vec<FieldProblem> {
                app.change_watch_by_form(WatchId(id), form).await
            }

            /// Lets a watch look for files no more, until it is resumed.
            pause_watch(id: i64) -> () {
                Ok(app.pause_watch(WatchId(id)).await?)
            }

            /// Lets a watch look for files again.
            resume_watch(id: i64) -> () {
                Ok(app.resume_watch(WatchId(id)).await?)
            }

            /// Makes a watch look at its whole folder now.
            look_now(id: i64) -> () {
                app.look_now(WatchId(id));
                Ok(())
            }

            /// Ends a watch; what it queued goes on.
            remove_watch(id: i64) -> () {
                Ok(app.remove_watch(WatchId(id)).await?)
            }

            /// The names of the network interfaces that have an address.
            network_interfaces() -> Vec<String> {
                Ok(app.network_interfaces())
            }

            /// Asks endpoints that do not answer at once.
            try_now() -> () {
                app.try_now();
                Ok(())
            }

            /// Lets uploads run although the settings say that they wait.
            upload_anyway() -> () {
                app.upload_anyway();
                Ok(())
            }

            /// Closes a line above the list.
            dismiss_notice(id: u64) -> () {
                app.dismiss_notice(id).await;
                Ok(())
            }

            /// Looks for a newer version; whether there is one.
            look_for_updates() -> bool {
                app.look_for_updates().await
            }

            /// Fetches the newer version, to be installed when Ferry quits.
            install_update() -> () {
                app.install_update().await
            }

            /// Chooses the profile that drops go to.
            choose_profile(id: i64) -> () {
                app.choose_profile(id).await
            }

            /// Says what a form means, and what is wrong with it.
            read_profile_form(form: ProfileForm) -> FormReading {
                Ok(app.read_profile_form(form).await)
            }

            /// Keeps a profile: a new one, which is then chosen, without `id`. Secrets that were
            /// left empty stay as they are.
            save_profile(
                id: Option<i64>,
                form: ProfileForm,
                secrets: SecretsInput,
                place: SaveSecret
            ) -> SavedProfile {
                app.save_and_choose_profile(id, form, secrets, place).await
            }

            /// Copies a profile and its secret; returns the copy's number.
            duplicate_profile(id: i64) -> i64 {
                app.duplicate_profile(id).await
            }

            /// Deletes a profile and its secret.
            delete_profile(id: i64) -> () {
                app.delete_profile(id).await
            }

            /// Tries a write under the prefix and takes it back. Secrets that were left empty are
            /// those of profile `id`.
            test_profile(
                id: Option<i64>,
                form: ProfileForm,
                secrets: SecretsInput
            ) -> TestOutcome {
                app.test_profile(id, form, secrets).await
            }

            /// Lets a held profile try again with the keys it has.
            release_profile(id: i64) -> () {
                app.release_profile(id);
                Ok(())
            }

            /// Looks for keys that other tools keep, because the user asked to.
            find_imports() -> ImportFindings {
                Ok(app.find_imports().await)
            }

            /// Keeps the settings.
            set_settings(settings: Settings, proxy_password: String) -> () {
                app.set_settings(settings, proxy_password).await
            }
        }
    };
}
