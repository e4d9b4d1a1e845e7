//! What ties each button with a tooltip to the one tooltip of the window.

import { Tooltip } from "bits-ui";

/** One tooltip stands for all: hundreds of buttons come and go as the list is scrolled. */
export const tips = Tooltip.createTether<string>();
