// SPDX-License-Identifier: Apache-2.0
import type { Pod, PodSpec } from '../api/core-kinds.js';
import { KEYS } from '../api/group.js';

/** The fields that our admission changes. */
const FIELDS = ['affinity', 'overhead', 'runtimeClassName', 'tolerations'] as const;

type Placement = Readonly<Record<string, unknown>>;

/** Value of the annotation by which a pod remembers what these fields were before; what it remembers already stays. */
export function rememberPlacement({ metadata, spec }: Pod): string {
  const known = metadata.annotations?.[KEYS.authorPlacement];
  if (known !== undefined) return known;
  return JSON.stringify(Object.fromEntries(FIELDS.map((field) => [field, spec[field]])));
}

/** The spec as its author wrote it: without the nodes and the RuntimeClass of an earlier restore. */
export function authorSpec({ metadata, spec }: Pod): PodSpec {
  const placement = parse(metadata.annotations?.[KEYS.authorPlacement]);
  if (placement === undefined) return spec;
  const { affinity: _a, overhead: _o, runtimeClassName: _r, tolerations: _t, ...others } = spec;
  return { ...others, ...placement };
}

/** Undefined for what is not of our making: users can write annotations. */
function parse(text: string | undefined): Placement | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const known: readonly string[] = FIELDS;
    return Object.fromEntries(Object.entries(value).filter(([field]) => known.includes(field)));
  } catch {
    return undefined;
  }
}
