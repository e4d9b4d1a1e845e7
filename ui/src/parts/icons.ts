//! The window's icons as paths in a box of 16 by 16, drawn with a line of 1.4.

const CIRCLE = "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8Z";

export const ICONS = {
  clock: `${CIRCLE}M8 4.6V8l2.3 1.4`,
  up: `${CIRCLE}M8 11V5.2M5.5 7.6 8 5.1l2.5 2.5`,
  shield: "M8 1.8 13 3.6v4c0 3.2-2.1 5.5-5 6.6-2.9-1.1-5-3.4-5-6.6v-4L8 1.8Z",
  done: `${CIRCLE}M5.3 8.2l1.9 1.9 3.6-4`,
  failed: `${CIRCLE}M8 4.8v3.8M8 11v.2`,
  question: "M8 1.9 14.4 13.4H1.6L8 1.9ZM8 6.4v3.2M8 11.4v.2",
  wait: `${CIRCLE}M5.2 8h.1M8 8h.1M10.8 8h.1`,
  retry: "M13 8a5 5 0 1 1-1.6-3.7M13.2 1.9v2.9h-2.9",
  pausedState: `${CIRCLE}M6.4 5.8v4.4M9.6 5.8v4.4`,
  ended: `${CIRCLE}M5.2 8h5.6`,
  pause: "M5.4 3.4v9.2M10.6 3.4v9.2",
  play: "M5 3.2v9.6L12.6 8 5 3.2Z",
  stop: `${CIRCLE}M5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2`,
  close: "M4 4l8 8M12 4l-8 8",
  info: `${CIRCLE}M8 7.3v3.6M8 4.9v.2`,
  gear: "M8 5.7a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.6ZM6.9 1.6h2.2l.4 1.8 1.2.7 1.8-.6 1.1 1.9-1.4 1.2v1.4l1.4 1.2-1.1 1.9-1.8-.6-1.2.7-.4 1.8H6.9l-.4-1.8-1.2-.7-1.8.6-1.1-1.9 1.4-1.2V6.6L2.4 5.4l1.1-1.9 1.8.6 1.2-.7.4-1.8Z",
  down: "M4 6.2 8 10l4-3.8",
  right: "M6.2 4 10 8l-3.8 4",
  search: "M7 2.4a4.6 4.6 0 1 1 0 9.2 4.6 4.6 0 0 1 0-9.2ZM10.4 10.4l3.2 3.2",
  file: "M4 1.8h5L12.4 5v9.2H4V1.8ZM9 1.8V5h3.4",
  folder: "M1.8 3.4h4.4l1.4 1.7h6.6v7.7H1.8V3.4Z",
  tray: "M8 1.8v7.4M5 6.4l3 3 3-3M1.9 9.8v4h12.2v-4",
  check: "M3.2 8.4l3.1 3.1 6.5-7",
  eye: "M1.4 8S3.8 3.7 8 3.7 14.6 8 14.6 8 12.2 12.3 8 12.3 1.4 8 1.4 8ZM8 6.1a1.9 1.9 0 1 1 0 3.8 1.9 1.9 0 0 1 0-3.8Z",
  eyeOff: "M1.4 8S3.8 3.7 8 3.7 14.6 8 14.6 8 12.2 12.3 8 12.3 1.4 8 1.4 8ZM3 13 13 3",
  computer: "M2 2.8h12v8H2v-8ZM5.2 13.6h5.6M8 10.8v2.8",
  cloud: "M4.6 12.6h6.9a2.8 2.8 0 0 0 .3-5.6 4 4 0 0 0-7.7-.7A3.2 3.2 0 0 0 4.6 12.6Z",
} as const;

export type IconName = keyof typeof ICONS;
