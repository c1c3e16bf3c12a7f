// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Pod, PodSpec } from '../../src/api/core-kinds.js';
import { KEYS } from '../../src/api/group.js';
import { podSpecHash } from '../../src/pods/pod-spec-hash.js';
import { trimPod } from '../../src/pods/trim-pod.js';
import { jobPod, tokenMount, tokenVolume, trainContainer } from './some-pods.js';

const SEED = Number(process.env['GRIT_SEED'] ?? 20261128);
const word = fc.stringMatching(/^[a-z0-9]{1,5}$/);

/** What owners, default plugins, schedulers, queues and our own admission change in a twin. */
const twinChange: fc.Arbitrary<(spec: PodSpec) => PodSpec> = fc.oneof(
  word.map((node) => (spec: PodSpec) => ({ ...spec, nodeName: node })),
  word.map((suffix) => (spec: PodSpec) => withToken(spec, suffix)),
  word.map((name) => (spec: PodSpec) => ({ ...spec, hostname: name, subdomain: 'web' })),
  fc.constant((spec: PodSpec) => ({ ...spec, runtimeClassName: 'grit', overhead: { memory: '20Mi' } })),
  word.map((key) => (spec: PodSpec) => ({
    ...spec,
    tolerations: [...(spec.tolerations ?? []), { key: `node.kubernetes.io/${key}`, operator: 'Exists' }],
  })),
  fc.array(word).map((nodes) => (spec: PodSpec) => ({
    ...spec,
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: nodes }] }],
        },
      },
    },
  })),
  fc.nat(9).map((index) => (spec: PodSpec) => withEnv(spec, { name: 'JOB_COMPLETION_INDEX', value: String(index) })),
  fc.nat(1000).map((value) => (spec: PodSpec) => ({ ...spec, priority: value, preemptionPolicy: 'Never' })),
  fc.nat(4096).map((mebi) => (spec: PodSpec) => withMemory(spec, `${mebi}Mi`)),
  fc.constant((spec: PodSpec) => ({ ...spec, securityContext: {}, imagePullSecrets: [{ name: 'registry' }] })),
  fc.constant((spec: PodSpec) => ({ ...spec, schedulingGates: [{ name: 'queue' }], nodeSelector: { zone: 'a' } })),
  fc.constant(shuffled),
);

/** What makes it another program. */
const realChange: fc.Arbitrary<(spec: PodSpec) => PodSpec> = fc.oneof(
  word.map((tag) => (spec: PodSpec) => ofFirst(spec, { image: `localhost/train:new-${tag}` })),
  word.map((file) => (spec: PodSpec) => ofFirst(spec, { command: ['python3', `new-${file}.py`] })),
  word.map((value) => (spec: PodSpec) => withEnv(spec, { name: 'NEW', value })),
  word.map((name) => (spec: PodSpec) => ({ ...spec, volumes: [...(spec.volumes ?? []), { name, emptyDir: {} }] })),
  word.map((name) => (spec: PodSpec) => ({
    ...spec,
    containers: [...spec.containers, trainContainer({ name: `new-${name}` })],
  })),
  fc
    .integer({ min: 2, max: 8 })
    .map((gpus) => (spec: PodSpec) => ofFirst(spec, { resources: { limits: { 'nvidia.com/gpu': String(gpus) } } })),
  fc.constant((spec: PodSpec) => ({ ...spec, hostNetwork: true })),
  fc.constant((spec: PodSpec) => ({ ...spec, initContainers: [trainContainer({ name: 'new' })] })),
);

describe('podSpecHash', () => {
  it('is equal for twins, whatever was done to them', () => {
    fc.assert(
      fc.property(fc.array(twinChange, { maxLength: 8 }), (changes) => {
        const twin = changes.reduce((spec, change) => change(spec), jobPod().spec);
        assert.equal(podSpecHash(twin), podSpecHash(jobPod()));
      }),
      { seed: SEED },
    );
  });

  it('differs when what runs differs', () => {
    fc.assert(
      fc.property(fc.array(twinChange, { maxLength: 4 }), realChange, (changes, change) => {
        const twin = changes.reduce((spec, next) => next(spec), jobPod().spec);
        assert.notEqual(podSpecHash(change(twin)), podSpecHash(jobPod()));
      }),
      { seed: SEED },
    );
  });

  it('sees the order of containers and variables, which means something', () => {
    const [a, b] = [trainContainer({ name: 'a' }), trainContainer({ name: 'b' })];
    assert.notEqual(podSpecHash(podOf([a, b])), podSpecHash(podOf([b, a])));
    const variables = [
      { name: 'A', value: '1' },
      { name: 'B', value: '$(A)' },
    ];
    assert.notEqual(
      podSpecHash(podOf([trainContainer({ env: variables })])),
      podSpecHash(podOf([trainContainer({ env: variables.toReversed() })])),
    );
  });

  it('takes pods and specs', () => {
    assert.equal(podSpecHash(jobPod()), podSpecHash(jobPod().spec));
    assert.match(podSpecHash(jobPod()), /^1-[0-9a-f]{32}$/);
  });

  it('does not change from version to version: Restores wait with it', () => {
    assert.equal(podSpecHash(jobPod()), '1-d7ba3df23d538dcbcf1d668f4780c19d');
  });

  it('leaves out what a GPU profile has added, and nothing else', () => {
    const added = { name: 'NCCL_NVLS_ENABLE', value: '0' };
    const spec = withEnv(jobPod().spec, added);
    const note = (set: object): string => JSON.stringify({ profile: 'single-node', set });
    const noted = (set: object): Pod =>
      jobPod({ spec, metadata: { annotations: { [KEYS.gpuProfileApplied]: note(set) } } });
    const name = spec.containers[0]?.name ?? '';
    assert.equal(podSpecHash(noted({ [name]: ['NCCL_NVLS_ENABLE=0'] })), podSpecHash(jobPod()));
    assert.equal(podSpecHash(trimPod(noted({ [name]: ['NCCL_NVLS_ENABLE=0'] }))), podSpecHash(jobPod()));
    for (const set of [{}, { [name]: ['NCCL_NVLS_ENABLE=1'] }, { other: ['NCCL_NVLS_ENABLE=0'] }]) {
      assert.equal(podSpecHash(noted(set)), podSpecHash(jobPod({ spec: structuredClone(spec) })));
    }
  });

  it('outlives the shortening of a pod for the cache', () => {
    const pod = jobPod({ spec: { nodeName: 'a', containers: [trainContainer(), trainContainer({ name: 'b' })] } });
    const trimmed = trimPod(pod);
    assert.equal(trimmed.spec.containers[0]?.['env'], undefined);
    assert.equal(podSpecHash(trimmed), podSpecHash(pod));
    assert.equal(podSpecHash(trimPod(trimmed)), podSpecHash(pod));
  });
});

function podOf(containers: Pod['spec']['containers']): Pod {
  return jobPod({ spec: { containers } });
}

function ofFirst(spec: PodSpec, changes: Parameters<typeof trainContainer>[0]): PodSpec {
  return {
    ...spec,
    containers: spec.containers.map((container, at) => (at === 0 ? { ...container, ...changes } : container)),
  };
}

function withEnv(spec: PodSpec, variable: { name: string; value: string }): PodSpec {
  const env = spec.containers[0]?.['env'] as readonly unknown[];
  return ofFirst(spec, { env: [...env, variable] });
}

function withMemory(spec: PodSpec, memory: string): PodSpec {
  const limits = { ...spec.containers[0]?.resources?.limits, memory, cpu: '1' };
  return ofFirst(spec, { resources: { limits, requests: { cpu: '1' } } });
}

function withToken(spec: PodSpec, suffix: string): PodSpec {
  return { ...ofFirst(spec, { volumeMounts: [tokenMount(suffix)] }), volumes: [tokenVolume(suffix)] };
}

/** The same, with the fields in another order. */
function shuffled(spec: PodSpec): PodSpec {
  const turned = (value: unknown): unknown =>
    typeof value !== 'object' || value === null
      ? value
      : Array.isArray(value)
        ? value.map(turned)
        : Object.fromEntries(
            Object.entries(value)
              .toReversed()
              .map(([key, field]) => [key, turned(field)]),
          );
  return turned(spec) as PodSpec;
}
