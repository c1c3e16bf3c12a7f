// SPDX-License-Identifier: Apache-2.0
/** Breaks a text into lines of at most `width` characters, the later ones indented; a word that is longer stays whole. */
export function wrap(text: string, width: number, indent = ''): string {
  return text
    .split('\n')
    .map((line) => {
      const lines: string[] = [];
      let current = '';
      for (const word of line.split(' ')) {
        if (current !== '' && current.length + 1 + word.length > width) {
          lines.push(current);
          current = word;
        } else current = current === '' ? word : `${current} ${word}`;
      }
      lines.push(current);
      return lines.join(`\n${indent}`);
    })
    .join(`\n${indent}`);
}
