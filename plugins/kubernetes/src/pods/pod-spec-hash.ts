// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Pod, PodSpec } from '../api/core-kinds.js';
import { comparableSpec } from './comparable-spec.js';
import { NO_PROFILE, profileVariables } from './profile-variables.js';

/** Names the rules of comparableSpec: a hash by other rules is another hash, not a wrong one. */
const RULES = '1';

const known = new WeakMap<PodSpec, string>();

/**
 * A hash of what runs in a pod: equal for all pods that one owner makes from one template, on whatever node, and equal for a pod as the admission sees it
 * and as it is stored. What a GPU profile has added is left out, if the whole pod is given.
 */
export function podSpecHash(pod: Pod | PodSpec): string {
  const spec = isPod(pod) ? pod.spec : pod;
  let hash = known.get(spec);
  if (hash === undefined) {
    const added = isPod(pod) ? profileVariables(pod) : NO_PROFILE;
    const digest = createHash('sha256').update(canonical(comparableSpec(spec, added)) ?? '');
    hash = `${RULES}-${digest.digest('hex').slice(0, 32)}`;
    known.set(spec, hash);
  }
  return hash;
}

/** Gives a shortened spec the hash of the whole pod. */
export function inheritSpecHash(shortened: PodSpec, whole: Pod): void {
  known.set(shortened, podSpecHash(whole));
}

/** JSON with sorted keys; what is empty is left out, since defaults come and go as `{}` and `[]`. */
function canonical(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item) ?? 'null');
    return items.length === 0 ? undefined : `[${items.join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, field]) => {
        const text = canonical(field);
        return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
      });
    return fields.length === 0 ? undefined : `{${fields.join(',')}}`;
  }
  return value === null || value === undefined ? undefined : JSON.stringify(value);
}

function isPod(pod: Pod | PodSpec): pod is Pod {
  return 'metadata' in pod && 'spec' in pod;
}
