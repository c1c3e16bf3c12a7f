// SPDX-License-Identifier: Apache-2.0
import type { PatchStep } from '../../../src/admission/server/admission-review.js';

type Node = Record<string, unknown> | unknown[];

/** The object after the steps, as RFC 6902 has it: `add` at an index of a list makes room, `-` is its end. */
export function patched<T extends object>(object: T, steps: readonly PatchStep[]): T {
  const result = structuredClone(object);
  for (const step of steps) {
    if (step.op !== 'add') throw new Error(`a step that takes away: ${step.path}`);
    const keys = step.path.split('/').slice(1).map(decoded);
    const last = keys.pop() ?? '';
    const parent = keys.reduce<Node>((node, key) => (node as Record<string, Node>)[key]!, result as Node);
    if (Array.isArray(parent)) parent.splice(last === '-' ? parent.length : Number(last), 0, step.value);
    else parent[last] = step.value;
  }
  return result;
}

function decoded(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}
