// SPDX-License-Identifier: Apache-2.0

/** A condition in CEL that the API server checks. The message names the field and says what to do. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
  /** Field that the error is shown at, `.podName`, when the rule stands above it. */
  readonly fieldPath?: string;
}

/** Marks a schema with rules that only the API server checks. */
export function checkedBy(...rules: readonly Rule[]): Record<string, unknown> {
  return { 'x-kubernetes-validations': rules };
}

/** Marks a list as a map by one field of its items: each writer owns its own items. */
export function keyedBy(field: string): Record<string, unknown> {
  return { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [field] };
}

/** Marks a map with the number of entries that it may have, which also bounds what rules cost. */
export function atMost(entries: number): Record<string, unknown> {
  return { maxProperties: entries };
}
