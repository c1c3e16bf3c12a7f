// SPDX-License-Identifier: Apache-2.0

/** For one part of a path or a query: every byte that is not plain is encoded, as signatures want it. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
