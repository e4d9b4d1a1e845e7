//! What a menu is made of.

import type { IconName } from "./icons";

/** One line of a menu. */
export type MenuLine =
  | { readonly kind: "line" }
  | {
      readonly kind: "item";
      readonly key: string;
      readonly label: string;
      readonly below?: string;
      readonly icon?: IconName;
      /** Given for choices out of several. */
      readonly checked?: boolean;
      readonly disabled?: boolean;
      readonly testid: string;
      readonly onpick: () => void;
    };
