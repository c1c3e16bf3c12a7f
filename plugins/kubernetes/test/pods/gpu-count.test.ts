// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { gpuCount } from '../../src/pods/gpu-count.js';
import { selectorText } from '../../src/pods/selector-text.js';
import { jobPod, trainContainer } from './some-pods.js';

describe('gpuCount', () => {
  const gpus = (count: string) => ({ resources: { limits: { 'nvidia.com/gpu': count } } });

  it('adds up what runs at the same time', () => {
    assert.equal(gpuCount(jobPod()), 1);
    assert.equal(gpuCount(jobPod({ spec: { containers: [trainContainer(gpus('2')), trainContainer(gpus('1'))] } })), 3);
    assert.equal(gpuCount(jobPod({ spec: { initContainers: [trainContainer(gpus('4'))] } })), 4);
    const sidecar = trainContainer({ ...gpus('1'), restartPolicy: 'Always' });
    assert.equal(gpuCount(jobPod({ spec: { initContainers: [sidecar] } })), 2);
    assert.equal(gpuCount(jobPod({ spec: { containers: [trainContainer({ resources: {} })] } })), 0);
    assert.equal(gpuCount(jobPod({ spec: { containers: [trainContainer(gpus('many'))] } })), 0);
  });
});

describe('selectorText', () => {
  it('is what the API server takes', () => {
    const selector = {
      matchLabels: { app: 'train' },
      matchExpressions: [
        { key: 'a', operator: 'In' as const, values: ['x', 'y'] },
        { key: 'b', operator: 'NotIn' as const, values: ['x'] },
        { key: 'c', operator: 'Exists' as const },
        { key: 'd', operator: 'DoesNotExist' as const },
      ],
    };
    assert.equal(selectorText(selector), 'app=train,a in (x,y),b notin (x),c,!d');
    assert.equal(selectorText({}), '');
  });
});
