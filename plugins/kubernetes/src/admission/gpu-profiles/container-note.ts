// SPDX-License-Identifier: Apache-2.0
import type { Container } from '../../api/core-kinds.js';
import { assignment } from '../../pods/profile-variables.js';
import type { Profile } from './built-in-profiles.js';

/** What a container has of a profile, and what it lacks. */
export interface ContainerNote {
  readonly container: string;
  /** Not there yet. */
  readonly missing: readonly { readonly name: string; readonly value: string }[];
  /** There because an earlier call has added it: `NAME=VALUE`. */
  readonly present: readonly string[];
  /** Names of variables that it sets itself, to something else. */
  readonly kept: readonly string[];
  /** Whether it takes variables from a ConfigMap or Secret that may be among those of the profile; nobody looks into these. */
  readonly unseen: boolean;
}

/** Compares the environment of a container with a profile. `before`: what earlier calls say that they have added, as `NAME=VALUE`. */
export function noteOf(container: Container, profile: Profile, before: readonly string[]): ContainerNote {
  const own = list(container['env']).map((variable) => ({ name: String(variable['name']), is: assignment(variable) }));
  // Of two variables of one name the last one counts.
  const counts = new Map(own.map(({ name, is }) => [name, is]));
  const there = new Set(own.map(({ is }) => is));
  const present = [...new Set(before)].filter((was) => there.has(was));
  const wanted = Object.entries(profile).map(([name, value]) => ({ name, value }));
  return {
    container: container.name,
    missing: wanted.filter(({ name }) => !counts.has(name)),
    present,
    kept: wanted
      .filter((variable) => {
        const is = counts.get(variable.name);
        return is !== undefined && is !== assignment(variable) && !present.includes(is);
      })
      .map(({ name }) => name),
    unseen: list(container['envFrom']).some(({ prefix }) => mayHave(Object.keys(profile), prefix)),
  };
}

function mayHave(names: readonly string[], prefix: unknown): boolean {
  return names.some((name) => name.startsWith(typeof prefix === 'string' ? prefix : ''));
}

function list(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
