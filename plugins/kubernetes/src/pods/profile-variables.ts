// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import type { Pod } from '../api/core-kinds.js';
import { KEYS } from '../api/group.js';

/** What a GPU profile has added to a pod: `NAME=VALUE` by container. */
export type ProfileVariables = ReadonlyMap<string, readonly string[]>;

export const NO_PROFILE: ProfileVariables = new Map();

const LISTS = z.record(z.string(), z.array(z.string()));
const APPLIED = z.object({ set: LISTS });

/** What the annotation of the admission says; nothing when there is none, or none that can be read. */
export function profileVariables({ metadata }: Pick<Pod, 'metadata'>): ProfileVariables {
  const text = metadata.annotations?.[KEYS.gpuProfileApplied];
  if (text === undefined) return NO_PROFILE;
  try {
    return new Map(Object.entries(APPLIED.safeParse(JSON.parse(text)).data?.set ?? {}));
  } catch {
    return NO_PROFILE;
  }
}

/** A variable of a container as it stands there: `NAME=VALUE`, or `NAME` where its value comes from elsewhere. */
export function assignment({ name, value, valueFrom }: Readonly<Record<string, unknown>>): string {
  const text = typeof value === 'string' ? value : '';
  return valueFrom === undefined || valueFrom === null ? `${String(name)}=${text}` : String(name);
}
