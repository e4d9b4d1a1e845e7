//! Copies of what the host sends and takes: plain data. Pure.

/** A copy that shares nothing, also of what the page watches. */
export function copyOf<T>(data: T): T {
  return JSON.parse(JSON.stringify(data)) as T;
}
