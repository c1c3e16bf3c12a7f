// SPDX-License-Identifier: Apache-2.0

const LETTERS: Readonly<Partial<Record<string, string>>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** The text of the first element of this name that has nothing but text; undefined where it is empty, or there is none. */
export function xmlElement(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.trim();
  return text === undefined || text === '' ? undefined : unescapeXml(text);
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(lt|gt|quot|apos|amp));/gi, (whole, decimal, hex, name) => {
    const code =
      decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(String(hex), 16) : undefined;
    if (code === undefined) return LETTERS[String(name)] ?? whole;
    return code > 0x1f && code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
  });
}
