//! The host, as Tauri has it: commands and one channel. The web host of the tests stands in for it.

import { Channel, invoke } from "@tauri-apps/api/core";
import type { PageTexts } from "../bindings/PageTexts";
import type { Update } from "../bindings/Update";
import type { Platform } from "./platform";

declare global {
  interface Window {
    /** The host puts it here before the page's own scripts run. */
    readonly ferryTexts: readonly PageTexts[];
  }
}

/** The platform of the desktop window. */
export function tauriPlatform(): Platform {
  return {
    texts: window.ferryTexts,
    subscribe: (receive) => {
      const channel = new Channel<Update>();
      channel.onmessage = receive;
      return invoke("subscribe", { channel });
    },
    setViewport: (viewport) => invoke("set_viewport", { viewport }),
    select: (number, target) => invoke("select", { number, target }),
    act: (action, target) => invoke("act", { action, target }),
    moveTransfers: (target, place) => invoke("move_transfers", { target, place }),
    moveBatch: (id, place) => invoke("move_batch", { id, place }),
    undo: (number) => invoke("undo", { number }),
    pickFiles: () => invoke("pick_files"),
    pickFolder: () => invoke("pick_folder"),
    pickWatchFolder: (which) => invoke("pick_watch_folder", { which }),
    addWatch: (form) => invoke("add_watch", { form }),
    readWatch: (id) => invoke("read_watch", { id }),
    changeWatch: (id, form) => invoke("change_watch", { id, form }),
    pauseWatch: (id) => invoke("pause_watch", { id }),
    resumeWatch: (id) => invoke("resume_watch", { id }),
    lookNow: (id) => invoke("look_now", { id }),
    removeWatch: (id) => invoke("remove_watch", { id }),
    paste: () => invoke("paste"),
    showInFolder: (id) => invoke("show_in_folder", { id }),
    showDataFolder: () => invoke("show_data_folder"),
    answerClose: (choice, remember) => invoke("answer_close", { choice, remember }),
    stayOpen: () => invoke("stay_open"),
    networkInterfaces: () => invoke("network_interfaces"),
    desktopState: () => invoke("desktop_state"),
    setOpensAtLogin: (opens) => invoke("set_opens_at_login", { opens }),
    stageBatch: (form) => invoke("stage_batch", { form }),
    refuseDrops: (refuse) => invoke("refuse_drops", { refuse }),
    setDropZones: (zones) => invoke("set_drop_zones", { zones }),
    answerDrop: (id, answer) => invoke("answer_drop", { id, answer }),
    makeLinks: (target, kind, format) => invoke("make_links", { target, kind, format }),
    listFolders: (profile, folder) => invoke("list_folders", { profile, folder }),
    endFolders: () => invoke("end_folders"),
    chooseProfile: (id) => invoke("choose_profile", { id }),
    readProfileForm: (form) => invoke("read_profile_form", { form }),
    saveProfile: ({ id, form, secrets }, place) => invoke("save_profile", { id, form, secrets, place }),
    duplicateProfile: (id) => invoke("duplicate_profile", { id }),
    deleteProfile: (id) => invoke("delete_profile", { id }),
    testProfile: ({ id, form, secrets }) => invoke("test_profile", { id, form, secrets }),
    findImports: () => invoke("find_imports"),
    setSettings: (settings, proxyPassword) => invoke("set_settings", { settings, proxyPassword }),
    lookForUpdates: () => invoke("look_for_updates"),
    installUpdate: () => invoke("install_update"),
    openReleasePage: () => invoke("open_release_page"),
    restartToUpdate: () => invoke("restart_to_update"),
    tryNow: () => invoke("try_now"),
    uploadAnyway: () => invoke("upload_anyway"),
    releaseProfile: (id) => invoke("release_profile", { id }),
    dismissNotice: (id) => invoke("dismiss_notice", { id }),
    readDetails: (id) => invoke("read_details", { id }),
    readReceipt: (batch, offset, limit) => invoke("read_receipt", { batch, offset, limit }),
    beginRecheck: (batch) => invoke("begin_recheck", { batch }),
    readRecheck: (batch) => invoke("read_recheck", { batch }),
    endReceiptWork: () => invoke("end_receipt_work"),
    saveReceipt: (batch, format, readFiles) => invoke("save_receipt", { batch, format, readFiles }),
    readFigures: () => invoke("read_figures"),
    runDoctor: (profile) => invoke("run_doctor", { profile }),
    saveDiagnostics: () => invoke("save_diagnostics"),
  };
}
