// SPDX-License-Identifier: Apache-2.0
const BAR_WIDTH = 24;

/** `[######------------------]   25 %`. */
export function formatShareBar(doneBytes: number, totalBytes: number): string {
  const share = totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes);
  const full = Math.round(share * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_WIDTH - full)}]  ${String(Math.floor(share * 100)).padStart(3)} %`;
}
