// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Pod } from '@grit/plugin-kubernetes';

/** So long that a label can have it. */
const LONGEST = 63;
const MARK = 5;

/** Name of the Migration of a pod: the same for the same pod, so that asking twice moves it once; its successor has another UID. */
export function moveNameOf({ metadata }: Pick<Pod, 'metadata'>): string {
  return withMark(metadata.name, metadata.uid ?? '');
}

/** Begin of the names of Migrations of the pods that a selector chooses. */
export function selectorMoveBase(selector: string): string {
  return withMark('move', selector);
}

/** `BASE-N`, which is no longer than a label allows. */
export function numbered(base: string, number: number): string {
  const end = `-${number}`;
  return `${clip(base, LONGEST - end.length)}${end}`;
}

/** The highest number among names that were made by {@link numbered}; 0 when there is none. */
export function highestNumber(base: string, names: readonly string[]): number {
  const numbers = names.map((name) => {
    const [, number] = /-([1-9]\d{0,8})$/.exec(name) ?? [];
    return number !== undefined && numbered(base, Number(number)) === name ? Number(number) : 0;
  });
  return Math.max(0, ...numbers);
}

function withMark(base: string, of: string): string {
  const mark = createHash('sha256').update(of).digest('hex').slice(0, MARK);
  return `${clip(base, LONGEST - MARK - 1)}-${mark}`;
}

function clip(text: string, length: number): string {
  return text.slice(0, length).replace(/[.-]+$/, '');
}
