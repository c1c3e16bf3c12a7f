// SPDX-License-Identifier: Apache-2.0
import type { Container, Pod } from '../../api/core-kinds.js';
import { KEYS } from '../../api/group.js';
import { gpusOf } from '../../pods/gpu-count.js';
import { assignment, profileVariables } from '../../pods/profile-variables.js';
import type { PatchStep } from '../server/admission-review.js';
import type { Profile } from './built-in-profiles.js';
import { noteOf, type ContainerNote } from './container-note.js';

/** What a profile does to a pod. */
export interface AppliedProfile {
  /** Only adds. Empty when the pod has all of it. */
  readonly patch: readonly PatchStep[];
  /** What the containers have otherwise, by name of the container. */
  readonly notes: readonly ContainerNote[];
}

/**
 * Adds the variables of a profile to the containers that ask for a GPU; to all where none does, since GPUs may come by a claim. A variable that is there is
 * left as it is. An annotation says what was added; it tells a second call, which the API server makes when another webhook has changed the pod.
 */
export function applyProfile(pod: Pod, name: string, profile: Profile): AppliedProfile {
  const { spec } = pod;
  const before = profileVariables(pod);
  const places = [...placesOf(spec.initContainers, 'initContainers'), ...placesOf(spec.containers, 'containers')];
  const withGpu = places.filter(({ container }) => gpusOf(container) > 0);
  const meant = new Set(withGpu.length > 0 ? withGpu : places);
  const notes = places.map((place) => {
    const { container } = place;
    return noteOf(container, meant.has(place) ? profile : {}, before.get(container.name) ?? []);
  });
  const patch = places.flatMap(({ container, path }, at) => additions(container, path, notes[at]?.missing ?? []));
  const text = JSON.stringify({ profile: name, ...summary(notes) });
  if (pod.metadata.annotations?.[KEYS.gpuProfileApplied] !== text) patch.push(annotation(pod, text));
  return { patch, notes };
}

interface Place {
  readonly container: Container;
  readonly path: string;
}

function placesOf(containers: readonly Container[] | undefined, field: string): Place[] {
  return (containers ?? []).map((container, at) => ({ container, path: `/spec/${field}/${at}` }));
}

function additions(container: Container, path: string, missing: ContainerNote['missing']): PatchStep[] {
  if (missing.length === 0) return [];
  if (!Array.isArray(container['env'])) return [{ op: 'add', path: `${path}/env`, value: missing }];
  return missing.map((variable) => ({ op: 'add', path: `${path}/env/-`, value: variable }));
}

/** By container, where there is something to say. */
function summary(notes: readonly ContainerNote[]): object {
  const lists = (of: (note: ContainerNote) => readonly string[]): object =>
    Object.fromEntries(notes.filter((note) => of(note).length > 0).map((note) => [note.container, of(note)]));
  const unseen = notes.filter((note) => note.unseen).map(({ container }) => container);
  return {
    set: lists(({ present, missing }) => [...present, ...missing.map(assignment)]),
    kept: lists(({ kept }) => kept),
    ...(unseen.length > 0 ? { unseen } : {}),
  };
}

function annotation({ metadata }: Pod, text: string): PatchStep {
  if (metadata.annotations === undefined) {
    return { op: 'add', path: '/metadata/annotations', value: { [KEYS.gpuProfileApplied]: text } };
  }
  return { op: 'add', path: `/metadata/annotations/${KEYS.gpuProfileApplied.replace('/', '~1')}`, value: text };
}
