//! The dialogs that the page does not begin with: one piece, loaded when the first of them is opened. Each in a piece of its own, they
//! would weigh more.

export { default as Batch } from "./BatchDialog.svelte";
export { default as Diagnostics } from "./DiagnosticsDialog.svelte";
export { default as Links } from "./LinkDialog.svelte";
export { default as Profile } from "./ProfileDialog.svelte";
export { default as Receipt } from "./ReceiptDialog.svelte";
export { default as Settings } from "./SettingsDialog.svelte";
export { default as Shortcuts } from "./ShortcutsDialog.svelte";
export { default as Watch } from "./WatchDialog.svelte";
