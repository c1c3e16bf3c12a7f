// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyProfile } from '../../../src/admission/gpu-profiles/apply-profile.js';
import { BUILT_IN_PROFILES, type Profile } from '../../../src/admission/gpu-profiles/built-in-profiles.js';
import type { Container, Pod } from '../../../src/api/core-kinds.js';
import { KEYS } from '../../../src/api/group.js';
import { gpusOf } from '../../../src/pods/gpu-count.js';
import { podSpecHash } from '../../../src/pods/pod-spec-hash.js';
import { SEEDED } from '../../kit/seeded.js';
import { jobPod } from '../../pods/some-pods.js';
import { patched } from './json-patch.js';

const PROFILE = { A: '1', B: '2' };
const GPU = { limits: { 'nvidia.com/gpu': '1' } };

describe('applyProfile', () => {
  it('gives its variables to the containers that ask for a GPU, init containers too, and to no others', () => {
    const pod = podWith({
      initContainers: [{ name: 'warm', resources: GPU }, { name: 'fetch' }],
      containers: [{ name: 'train', resources: { requests: { 'nvidia.com/gpu': '2' } } }, { name: 'log' }],
    });
    const result = applied(pod);
    assert.deepEqual(environments(result), {
      warm: ['A=1', 'B=2'],
      fetch: [],
      train: ['A=1', 'B=2'],
      log: [],
    });
    assert.deepEqual(noted(result), {
      profile: 'ours',
      set: { warm: ['A=1', 'B=2'], train: ['A=1', 'B=2'] },
      kept: {},
    });
  });

  it('gives them to all where none asks: GPUs may come by a claim', () => {
    const zero = { limits: { 'nvidia.com/gpu': '0' } };
    const pod = podWith({ initContainers: [{ name: 'fetch' }], containers: [{ name: 'train', resources: zero }] });
    assert.deepEqual(environments(applied(pod)), { fetch: ['A=1', 'B=2'], train: ['A=1', 'B=2'] });
  });

  it('leaves what a container sets itself, whatever it is, and says so', () => {
    const env = [
      { name: 'OWN', value: 'x' },
      { name: 'A', value: '1' },
      { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ];
    const { patch, notes } = applyProfile(podWith({ containers: [{ name: 'train', env }] }), 'ours', {
      ...PROFILE,
      C: '3',
    });
    const result = patched(podWith({ containers: [{ name: 'train', env }] }), patch);
    assert.deepEqual(result.spec.containers[0]?.['env'], [...env, { name: 'C', value: '3' }]);
    // What is as wanted by itself was neither set nor kept otherwise.
    assert.deepEqual(noted(result), { profile: 'ours', set: { train: ['C=3'] }, kept: { train: ['B'] } });
    assert.deepEqual(
      notes.map(({ kept }) => kept),
      [['B']],
    );
  });

  it('of two variables of one name the last one counts', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'A', value: '0' },
    ];
    assert.deepEqual(noted(applied(podWith({ containers: [{ name: 'train', env }] })))['kept'], { train: ['A'] });
  });

  it('says which containers take variables from where nobody looks', () => {
    const from = (prefix?: string): object[] => [
      { configMapRef: { name: 'settings' }, ...(prefix === undefined ? {} : { prefix }) },
    ];
    const pod = podWith({
      containers: [
        { name: 'any', envFrom: from() },
        { name: 'other', envFrom: from('DB_') },
        { name: 'same', envFrom: from('A') },
      ],
    });
    assert.deepEqual(noted(applied(pod))['unseen'], ['any', 'same']);
  });

  it('what an earlier profile has set stays, and is still known to be of a profile', () => {
    const once = applied(podWith({ containers: [{ name: 'train' }] }));
    const twice = patched(once, applyProfile(once, 'ours', { A: '9', C: '3' }).patch);
    assert.deepEqual(environments(twice), { train: ['A=1', 'B=2', 'C=3'] });
    assert.deepEqual(noted(twice), { profile: 'ours', set: { train: ['A=1', 'B=2', 'C=3'] }, kept: {} });
  });

  it('adds to a container that another webhook has added in between', () => {
    const once = applied(podWith({ containers: [{ name: 'train' }] }));
    const more = { ...once, spec: { ...once.spec, containers: [{ name: 'sidecar' }, ...once.spec.containers] } };
    assert.deepEqual(environments(applied(more)), { sidecar: ['A=1', 'B=2'], train: ['A=1', 'B=2'] });
  });

  it('an annotation of somebody else that cannot be read is no reason to fail', () => {
    for (const text of ['', '{', '[]', 'null', '{"set":{"train":"A=1"}}', '{"set":{"train":["A=7"]}}']) {
      const pod = podWith({ containers: [{ name: 'train' }] }, { [KEYS.gpuProfileApplied]: text });
      assert.deepEqual(noted(applied(pod)), { profile: 'ours', set: { train: ['A=1', 'B=2'] }, kept: {} });
    }
  });

  it('never removes or changes what is there, adds each variable once, and does nothing the second time', () => {
    fc.assert(
      fc.property(anyPod(), fc.constantFrom(...Object.values(BUILT_IN_PROFILES), PROFILE), (any, profile) => {
        // As it comes from the API server.
        const pod = JSON.parse(JSON.stringify(any)) as Pod;
        const before = structuredClone(pod);
        const { patch } = applyProfile(pod, 'p', profile);
        assert.deepEqual(pod, before, 'the pod that was given is not touched');
        const after = patched(pod, patch);
        assert.deepEqual(applyProfile(after, 'p', profile).patch, []);
        assert.deepEqual(withoutAdditions(after, pod), pod);
        assert.equal(podSpecHash(after), podSpecHash(structuredClone(pod)), 'a Restore takes it with and without');
        checkComplete(after, profile);
      }),
      SEEDED,
    );
  });
});

/** Every container that is meant has every variable. */
function checkComplete({ spec }: Pod, profile: Profile): void {
  const all = [...(spec.initContainers ?? []), ...spec.containers];
  const asking = all.filter((container) => gpusOf(container) > 0);
  for (const container of asking.length > 0 ? asking : all) {
    const names = variables(container).map(({ name }) => name);
    for (const name of Object.keys(profile)) assert.ok(names.includes(name), `${container.name} has ${name}`);
  }
}

/** The pod with the lists cut to their length before, and what was not there before taken away. */
function withoutAdditions(after: Pod, before: Pod): Pod {
  const cut = (list: readonly Container[] | undefined, was: readonly Container[] | undefined) =>
    list?.map((container, at) => {
      const length = was?.[at]?.['env'];
      const { env, ...rest } = container as Container & { env?: unknown[] };
      return Array.isArray(length) ? { ...rest, env: env?.slice(0, length.length) } : rest;
    });
  const { annotations, ...metadata } = after.metadata;
  const own = Object.entries(annotations ?? {}).filter(([key]) => key !== KEYS.gpuProfileApplied);
  const { initContainers, containers, ...spec } = after.spec;
  return {
    ...after,
    metadata:
      before.metadata.annotations === undefined ? metadata : { ...metadata, annotations: Object.fromEntries(own) },
    spec: {
      ...spec,
      containers: cut(containers, before.spec.containers) ?? [],
      ...(initContainers === undefined ? {} : { initContainers: cut(initContainers, before.spec.initContainers) }),
    } as Pod['spec'],
  };
}

function anyPod(): fc.Arbitrary<Pod> {
  const names = [
    ...new Set(['OWN', 'A', ...Object.values(BUILT_IN_PROFILES).flatMap((profile) => Object.keys(profile))]),
  ];
  const variable = fc.oneof(
    fc.record({ name: fc.constantFrom(...names), value: fc.constantFrom('', '0', '1', 'x') }),
    fc.record({ name: fc.constantFrom(...names), valueFrom: fc.constant({ secretKeyRef: { name: 's', key: 'k' } }) }),
    fc.record({ name: fc.constantFrom(...names) }),
  );
  const resources = fc.constantFrom(undefined, {}, GPU, { limits: { cpu: '1' } });
  const container = fc.record(
    {
      image: fc.constant('localhost/train:1'),
      env: fc.array(variable, { maxLength: 5 }),
      envFrom: fc.constant([{ secretRef: { name: 's' } }]),
      resources,
    },
    { requiredKeys: ['image'] },
  );
  const count = { maxLength: 3 };
  return fc
    .record({
      init: fc.option(fc.array(container, count), { nil: undefined }),
      main: fc.array(container, { ...count, minLength: 1 }),
      annotations: fc.option(fc.dictionary(fc.constantFrom('a', 'b/c', '~1'), fc.string()), { nil: undefined }),
    })
    .map(({ init, main, annotations }) => {
      const named = (list: readonly object[], kind: string) =>
        list.map((fields, at) => ({ name: at === 0 ? 'constructor' + kind : `${kind}-${at}`, ...fields }));
      return {
        metadata: { name: 'p', ...(annotations === undefined ? {} : { annotations: { ...annotations } }) },
        spec: { containers: named(main, ''), ...(init === undefined ? {} : { initContainers: named(init, 'i') }) },
      };
    });
}

function podWith(spec: Partial<Pod['spec']>, annotations?: Record<string, string>): Pod {
  return jobPod({ spec, ...(annotations === undefined ? {} : { metadata: { annotations } }) });
}

function applied(pod: Pod): Pod {
  return patched(pod, applyProfile(pod, 'ours', PROFILE).patch);
}

function environments({ spec }: Pod): Record<string, string[]> {
  const all = [...(spec.initContainers ?? []), ...spec.containers];
  return Object.fromEntries(
    all.map((container) => [container.name, variables(container).map(({ name, value }) => `${name}=${value ?? ''}`)]),
  );
}

function variables(container: Container): readonly { name: string; value?: string }[] {
  return (container['env'] ?? []) as readonly { name: string; value?: string }[];
}

function noted({ metadata }: Pod): Record<string, unknown> {
  return JSON.parse(metadata.annotations?.[KEYS.gpuProfileApplied] ?? 'null') as Record<string, unknown>;
}
