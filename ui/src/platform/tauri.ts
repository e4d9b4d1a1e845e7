//! The real host: Tauri's commands and one channel.

import { Channel, invoke } from "@tauri-apps/api/core";
import type { Update } from "../bindings/Update";
import type { Platform } from "./platform";

export { isTauri } from "@tauri-apps/api/core";

/** The platform of the desktop window. */
export function tauriPlatform(): Platform {
  return {
    subscribe: (receive) => {
      const channel = new Channel<Update>();
      channel.onmessage = receive;
      return invoke("subscribe", { channel });
    },
    setViewport: (viewport) => invoke("set_viewport", { viewport }),
    act: (action, target) => invoke("act", { action, target }),
    pickFiles: () => invoke("pick_files"),
    pickFolder: () => invoke("pick_folder"),
    chooseProfile: (id) => invoke("choose_profile", { id }),
    readProfileForm: (form) => invoke("read_profile_form", { form }),
    saveProfile: ({ id, form, secret }, place) => invoke("save_profile", { id, form, secret, place }),
    duplicateProfile: (id) => invoke("duplicate_profile", { id }),
    deleteProfile: (id) => invoke("delete_profile", { id }),
    testProfile: ({ id, form, secret }) => invoke("test_profile", { id, form, secret }),
    setSettings: (settings) => invoke("set_settings", { settings }),
    dismissNotice: (id) => invoke("dismiss_notice", { id }),
  };
}
