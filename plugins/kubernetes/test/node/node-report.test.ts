// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { gritNodeStatusSchema } from '../../src/api/grit-node.js';
import { nodeReport } from '../../src/node/node-report.js';

const HOST = { version: '0.1.0', plugins: ['plugin-kubernetes', 'runtime-criu', 'storage-pvc'] };

describe('what a GritNode says of its node', () => {
  it('is the agent, its plugins and the facts, in the words of Kubernetes', () => {
    const facts = { arch: 'x64', kernel: '6.18', cgroup: 'v2', 'cpu-flags': 'avx2 sse4_2', 'free-bytes': '5368709121' };
    const report = nodeReport(HOST, { ready: true, problems: [], facts });
    assert.deepEqual(report, {
      agentVersion: '0.1.0',
      plugins: ['plugin-kubernetes', 'runtime-criu', 'storage-pvc'],
      facts: { arch: 'amd64', kernel: '6.18', cgroup: 'v2', cpuFlags: ['avx2', 'sse4_2'], freeBytes: 5 * 2 ** 30 },
      problems: [],
    });
    gritNodeStatusSchema.parse(report);
  });

  it('names the GPUs that a driver has found', () => {
    const facts = {
      gpus: '2',
      'gpu-driver': '580.65.06',
      'gpu-models': 'H100,H100',
      'gpu-uuids': 'GPU-a,GPU-b',
      'gpu-memory-bytes': '1073741824,2147483648',
    };
    const report = nodeReport(HOST, { ready: true, problems: [], facts });
    const gpus = [
      { uuid: 'GPU-a', model: 'H100', memoryBytes: 2 ** 30 },
      { uuid: 'GPU-b', model: 'H100', memoryBytes: 2 ** 31 },
    ];
    assert.deepEqual(report.facts, { arch: '', driver: '580.65.06', gpus, gpuCount: 2 });
    gritNodeStatusSchema.parse(report);
  });

  it('says nothing of GPUs where there are none', () => {
    const report = nodeReport(HOST, {
      ready: true,
      problems: [],
      facts: { arch: 'arm64', gpus: '0', 'gpu-uuids': '' },
    });
    assert.deepEqual(report.facts, { arch: 'arm64' });
  });

  it('stays within the bounds of its schema', () => {
    const plugins = Array.from({ length: 100 }, (_none, index) => `plugin-${index}`);
    const facts = {
      'cpu-flags': Array.from({ length: 1_000 }, (_none, index) => `flag${index}`).join(' '),
      'gpu-uuids': ','.repeat(100).replaceAll(',', 'GPU,'),
    };
    gritNodeStatusSchema.parse(nodeReport({ ...HOST, plugins }, { ready: true, problems: [], facts }));
  });

  it('has a problem when the driver is not ready and does not say why', () => {
    const { problems } = nodeReport(HOST, { ready: false, problems: [], facts: {} });
    assert.deepEqual(
      problems?.map(({ message }) => message),
      ['the runtime is not ready'],
    );
  });
});
