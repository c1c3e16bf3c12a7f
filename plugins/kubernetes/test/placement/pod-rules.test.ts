// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { KubeNode, Pod } from '../../src/api/core-kinds.js';
import { KEYS } from '../../src/api/group.js';
import { compatibleNodes } from '../../src/placement/compatible-nodes.js';
import { podReasons, volumeReasons } from '../../src/placement/pod-rules.js';
import { rememberPlacement } from '../../src/pods/author-placement.js';
import { trimPod } from '../../src/pods/trim-pod.js';
import { candidate, FACTS } from './some-nodes.js';

type Taints = NonNullable<KubeNode['spec']>['taints'];

function pod(spec: Partial<Pod['spec']>): Pod {
  return { metadata: { name: 'p' }, spec: { containers: [], ...spec } };
}

function node(labels: Record<string, string>, taints: Taints = []): KubeNode {
  return { metadata: { name: 'b', labels }, spec: { taints } };
}

function affinity(...terms: object[]): NonNullable<Pod['spec']['affinity']> {
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
}

function expression(key: string, operator: string, ...values: string[]): object {
  return { matchExpressions: [{ key, operator, values }] };
}

describe('what a pod asks for of a node', () => {
  it('nothing, where its author wrote nothing', () => {
    assert.deepEqual(podReasons(pod({}), node({})), []);
  });

  it('is each label of its nodeSelector', () => {
    const wants = pod({ nodeSelector: { disk: 'ssd', zone: 'a' } });
    assert.deepEqual(podReasons(wants, node({ disk: 'ssd', zone: 'a' })), []);
    assert.deepEqual(podReasons(wants, node({ disk: 'hdd', zone: 'a' })), [
      'the nodeSelector of the pod asks for disk=ssd',
    ]);
  });

  const cases: [string, object[], Record<string, string>, boolean][] = [
    ['In', [expression('zone', 'In', 'a', 'b')], { zone: 'b' }, true],
    ['In, of none', [expression('zone', 'In', 'a')], {}, false],
    ['NotIn', [expression('zone', 'NotIn', 'a')], { zone: 'a' }, false],
    ['NotIn, of none', [expression('zone', 'NotIn', 'a')], {}, true],
    ['Exists', [expression('gpu', 'Exists')], { gpu: '' }, true],
    ['DoesNotExist', [expression('gpu', 'DoesNotExist')], { gpu: '' }, false],
    ['Gt', [expression('cores', 'Gt', '8')], { cores: '16' }, true],
    ['Gt, not a number', [expression('cores', 'Gt', '8')], { cores: 'many' }, false],
    ['Lt', [expression('cores', 'Lt', '8')], { cores: '16' }, false],
    ['one of two terms', [expression('zone', 'In', 'a'), expression('disk', 'In', 'ssd')], { disk: 'ssd' }, true],
    ['a term that asks for nothing', [{}], {}, false],
    ['a name', [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }], {}, true],
    ['another name', [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['c'] }] }], {}, false],
  ];
  for (const [what, terms, labels, fits] of cases) {
    it(`is its required node affinity: ${what}`, () => {
      const reasons = podReasons(pod({ affinity: affinity(...terms) }), node(labels));
      assert.equal(reasons.length, fits ? 0 : 1, reasons.join());
      if (!fits) assert.match(reasons[0] ?? '', /^the node affinity of the pod asks for /);
    });
  }

  it('is that it is not kept out by taints', () => {
    const dedicated = [{ key: 'team', value: 'a', effect: 'NoSchedule' }];
    const against = ['the pod does not tolerate the taint team=a:NoSchedule'];
    assert.deepEqual(podReasons(pod({}), node({}, dedicated)), against);
    const tolerated: [object, boolean][] = [
      [{ key: 'team', value: 'a' }, true],
      [{ key: 'team', operator: 'Exists', effect: 'NoSchedule' }, true],
      [{ operator: 'Exists' }, true],
      [{ key: 'team', value: 'b' }, false],
      [{ key: 'team', operator: 'Exists', effect: 'NoExecute' }, false],
      [{ key: 'other', operator: 'Exists' }, false],
    ];
    for (const [toleration, fits] of tolerated) {
      const reasons = podReasons(pod({ tolerations: [{ ...toleration }] }), node({}, dedicated));
      assert.deepEqual(reasons, fits ? [] : against, JSON.stringify(toleration));
    }
    const soft = [
      { key: 'team', effect: 'PreferNoSchedule' },
      { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
    ];
    assert.deepEqual(podReasons(pod({}), node({}, soft)), []);
  });

  it('is what its author wrote, not where an earlier restore has put it', () => {
    const author = pod({ affinity: affinity(expression('zone', 'In', 'a')) });
    const annotations = { [KEYS.authorPlacement]: rememberPlacement(author) };
    const placed = {
      metadata: { name: 'p', annotations },
      spec: { ...author.spec, affinity: affinity(expression('kubernetes.io/hostname', 'In', 'c')) },
    };
    assert.deepEqual(podReasons(placed, node({ zone: 'a' })), []);
    assert.equal(podReasons(placed, node({ zone: 'b' })).length, 1);
  });

  it('is known of a pod that a cache has', () => {
    const wants = pod({ nodeSelector: { disk: 'ssd' }, affinity: affinity(expression('zone', 'In', 'a')) });
    assert.equal(podReasons(trimPod(wants), node({})).length, 2);
  });
});

describe('the volumes of a pod', () => {
  const nodes = { nodeSelectorTerms: [expression('kubernetes.io/hostname', 'In', 'a')] };

  it('keep it where they are, and the claim is named', () => {
    assert.deepEqual(volumeReasons([{ claim: 'data', nodes }], node({ 'kubernetes.io/hostname': 'a' })), []);
    assert.deepEqual(volumeReasons([{ claim: 'data', nodes }], node({ 'kubernetes.io/hostname': 'b' })), [
      'the volume of PersistentVolumeClaim data is only where kubernetes.io/hostname in (a)',
    ]);
  });

  it('and what it asks for count among the reasons against a node', () => {
    const wish = { pod: pod({ nodeSelector: { disk: 'ssd' } }), volumes: [{ claim: 'data', nodes }] };
    const { compatible, excluded } = compatibleNodes({ facts: FACTS }, [candidate('b')], wish);
    assert.deepEqual(compatible, []);
    assert.deepEqual(excluded[0]?.reasons, [
      'the nodeSelector of the pod asks for disk=ssd',
      'the volume of PersistentVolumeClaim data is only where kubernetes.io/hostname in (a)',
    ]);
  });
});
