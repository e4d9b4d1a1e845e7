//! Stands in for @floating-ui/dom, which bits-ui's primitives load and, as they are used here, never call: menus and tooltips
//! are put in their places by `place.ts`, in 40 lines instead of 7 KiB of the page.

const never = (): never => {
  throw new Error("nothing here floats by itself");
};

export { never as arrow, never as autoUpdate, never as computePosition, never as flip, never as hide, never as limitShift, never as offset, never as shift, never as size };
