// SPDX-License-Identifier: Apache-2.0
const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

/** Colours a text when the terminal shows colours. */
export function paint(text: string, color: keyof typeof CODES, enabled: boolean): string {
  return enabled ? `\u001b[${String(CODES[color])}m${text}\u001b[0m` : text;
}
