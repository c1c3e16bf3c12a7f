// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { onlyOnHosts } from '../../../src/admission/pods/only-on-hosts.js';
import { podPatch, type PodChanges } from '../../../src/admission/pods/pod-patch.js';
import type { PatchStep } from '../../../src/admission/server/admission-review.js';
import type { Pod } from '../../../src/api/core-kinds.js';
import { KEYS } from '../../../src/api/group.js';
import { podSpecHash } from '../../../src/pods/pod-spec-hash.js';
import { jobPod } from '../../pods/some-pods.js';

const SEED = Number(process.env['GRIT_SEED'] ?? 20261128);
const CHANGES: PodChanges = {
  restoreName: 'demo',
  reservation: 'token',
  runtimeClassName: 'grit',
  hosts: ['a', 'b'],
  tolerations: [{ key: 'gpu', operator: 'Exists' }],
};

describe('podPatch', () => {
  it('marks the pod and changes where it runs, not what runs', () => {
    const pod = patched(jobPod(), podPatch(jobPod(), CHANGES));
    assert.equal(pod.metadata.annotations?.[KEYS.restoreName], 'demo');
    assert.equal(pod.metadata.annotations[KEYS.reservation], 'token');
    assert.equal(pod.spec.runtimeClassName, 'grit');
    assert.deepEqual(pod.spec.tolerations, CHANGES.tolerations);
    assert.deepEqual(requiredTerms(pod.spec.affinity), [{ matchExpressions: [hostIn('a', 'b')] }]);
    assert.equal(podSpecHash(pod), podSpecHash(jobPod()));
  });

  it('keeps what is there', () => {
    const pod = jobPod({
      metadata: { annotations: { mine: 'yes' } },
      spec: {
        tolerations: [{ operator: 'Exists', key: 'gpu' }, { key: 'mine' }],
        affinity: { podAntiAffinity: { x: 1 }, nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [1] } },
      },
    });
    const result = patched(pod, podPatch(pod, CHANGES));
    assert.equal(result.metadata.annotations?.['mine'], 'yes');
    assert.deepEqual(result.spec.tolerations, pod.spec.tolerations, 'the same toleration is not added again');
    assert.deepEqual(result.spec.affinity?.['podAntiAffinity'], { x: 1 });
    const node = result.spec.affinity['nodeAffinity'] as Record<string, unknown>;
    assert.deepEqual(node['preferredDuringSchedulingIgnoredDuringExecution'], [1]);
  });

  it('takes away what another RuntimeClass had added, and only then', () => {
    const other = jobPod({ spec: { runtimeClassName: 'kata', overhead: { memory: '120Mi' } } });
    assert.equal(patched(other, podPatch(other, CHANGES)).spec['overhead'], undefined);
    const ours = jobPod({ spec: { runtimeClassName: 'grit', overhead: { memory: '1Mi' } } });
    assert.deepEqual(patched(ours, podPatch(ours, CHANGES)).spec['overhead'], { memory: '1Mi' });
  });

  it('changes nothing more when it is asked again', () => {
    const once = patched(jobPod(), podPatch(jobPod(), CHANGES));
    assert.deepEqual(patched(once, podPatch(once, CHANGES)), once);
  });
});

describe('onlyOnHosts', () => {
  it('narrows each term, since each alone would do', () => {
    const affinity = required([
      { matchExpressions: [{ key: 'zone', operator: 'In', values: ['x'] }] },
      { matchFields: [1] },
    ]);
    assert.deepEqual(requiredTerms(onlyOnHosts(affinity, ['a'])), [
      { matchExpressions: [{ key: 'zone', operator: 'In', values: ['x'] }, hostIn('a')] },
      { matchFields: [1], matchExpressions: [hostIn('a')] },
    ]);
  });

  it('a term that chooses no node does so still', () => {
    assert.deepEqual(requiredTerms(onlyOnHosts(required([{}]), ['a'])), [{}]);
  });

  it('never lets a pod go where it could not before, or elsewhere than to the hosts', () => {
    const value = fc.constantFrom('a', 'b', 'c', 'd');
    const expression = fc.record({
      key: fc.constantFrom('kubernetes.io/hostname', 'zone'),
      operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
      values: fc.uniqueArray(value, { minLength: 1 }),
    });
    const term = fc.record({ matchExpressions: fc.array(expression, { maxLength: 3 }) });
    const node = fc.record(
      { 'kubernetes.io/hostname': value, zone: value },
      { requiredKeys: ['kubernetes.io/hostname'] },
    );
    fc.assert(
      fc.property(
        fc.array(term, { maxLength: 3 }),
        fc.uniqueArray(value, { minLength: 1 }),
        node,
        (terms, hosts, labels) => {
          const before = terms.length === 0 ? undefined : required(terms);
          const could = before === undefined || terms.some((one) => chooses(one, labels));
          const can = requiredTerms(onlyOnHosts(before, hosts)).some((one) => chooses(one as Term, labels));
          assert.equal(can, could && hosts.includes(labels['kubernetes.io/hostname']));
        },
      ),
      { seed: SEED },
    );
  });
});

interface Term {
  matchExpressions: { key: string; operator: string; values: string[] }[];
}

/** A node selector term, as the scheduler reads it. */
function chooses({ matchExpressions }: Term, labels: Record<string, string | undefined>): boolean {
  return (
    matchExpressions.length > 0 &&
    matchExpressions.every(({ key, operator, values }) => {
      const label = labels[key];
      if (operator === 'In') return label !== undefined && values.includes(label);
      if (operator === 'NotIn') return label === undefined || !values.includes(label);
      return operator === 'Exists' ? label !== undefined : label === undefined;
    })
  );
}

function required(nodeSelectorTerms: unknown[]): Record<string, unknown> {
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
}

function requiredTerms(affinity: unknown): unknown[] {
  type Required = {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: unknown[] } };
  };
  return (affinity as Required).nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
}

function hostIn(...values: string[]): object {
  return { key: 'kubernetes.io/hostname', operator: 'In', values };
}

/** The pod after the steps; their paths have two parts. */
function patched(pod: Pod, steps: readonly PatchStep[]): Pod {
  const result = structuredClone(pod) as unknown as Record<string, Record<string, unknown>>;
  for (const step of steps) {
    const [, parent = '', field = ''] = step.path.split('/');
    if (step.op === 'add') result[parent]![field] = step.value;
    else Reflect.deleteProperty(result[parent]!, field);
  }
  return result as unknown as Pod;
}
