// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CheckpointSource, KubeNodeFacts } from '../../src/api/source.js';
import { compatibleNodes, describeExcluded, type NodeCandidate } from '../../src/placement/compatible-nodes.js';
import { candidate, FACTS } from './some-nodes.js';

const SEED = Number(process.env['GRIT_SEED'] ?? 20261128);
const SOURCE: CheckpointSource = { facts: FACTS };
const GPU_SOURCE: CheckpointSource = { facts: FACTS, gpuCount: 2 };

describe('compatibleNodes', () => {
  it('the like of the source will do', () => {
    assert.deepEqual(compatibleNodes(GPU_SOURCE, [candidate('b'), candidate('a')]), {
      compatible: ['a', 'b'],
      excluded: [],
      soon: [],
    });
  });

  it('says which of them only have to be Ready again', () => {
    const silent = (name: string, facts = FACTS): NodeCandidate => {
      const { node, gritNode } = candidate(name, facts);
      return { node, gritNode: { ...gritNode!, status: { ...gritNode?.status, phase: 'NotReady' } } };
    };
    const older = silent('c', { ...FACTS, criu: '4.1.1' });
    const { soon, excluded } = compatibleNodes(SOURCE, [silent('a'), older, silent('here')], { leaves: 'here' });
    assert.deepEqual(soon, ['a']);
    assert.deepEqual(
      excluded.map(({ reasons }) => reasons.length),
      [1, 2, 1],
    );
  });

  const table: [string, CheckpointSource, Partial<KubeNodeFacts>, RegExp][] = [
    ['architecture', SOURCE, { arch: 'arm64' }, /^architecture arm64 here, amd64 there$/],
    ['control groups', SOURCE, { cgroup: 'v1' }, /^control groups v1 here, v2 there$/],
    ['security module', SOURCE, { lsm: 'selinux' }, /^security module selinux here, apparmor there$/],
    ['older CRIU', SOURCE, { criu: '4.1.1' }, /^CRIU 4\.1\.1 here, 4\.2\.1 there: /],
    ['older kernel', SOURCE, { kernel: '6.12.0' }, /^kernel 6\.12\.0 here, 6\.18\.0-1-amd64 there: /],
    ['CPU flags', SOURCE, { cpuFlags: ['avx2', 'sse4_2', 'new'] }, /^CPU flags missing here that are there: avx512f$/],
    ['room', SOURCE, { freeBytes: 1024 ** 3 }, /^1024 MiB free for images here, the image has 2048 MiB$/],
    ['driver', GPU_SOURCE, { driver: '590.48.01' }, /^NVIDIA driver 590\.48\.01 here, 580\.95\.05 there: it must be/],
    ['no GPU', GPU_SOURCE, { gpus: [] }, /^no GPU here, 2 × NVIDIA H100 there$/],
    ['too few GPUs', GPU_SOURCE, { gpus: [gpu('a')] }, /^1 × NVIDIA H100 here, 2 × NVIDIA H100 there$/],
    [
      'other GPUs',
      GPU_SOURCE,
      { gpus: [gpu('a'), { ...gpu('b'), model: 'NVIDIA A100' }] },
      /^1 × NVIDIA H100, 1 × NVIDIA A100 here, 2 × NVIDIA H100 there$/,
    ],
    [
      'GPU memory',
      GPU_SOURCE,
      { gpus: [gpu('a'), { ...gpu('b'), memoryBytes: 1024 ** 3 }] },
      /^GPU memory 1024 MiB here, 81920 MiB there$/,
    ],
  ];
  for (const [what, source, changes, reason] of table) {
    it(`excludes for ${what}, with both values`, () => {
      const { compatible, excluded } = compatibleNodes(source, [candidate('a', { ...FACTS, ...changes })], {
        imageBytes: 2 * 1024 ** 3,
      });
      assert.deepEqual(compatible, []);
      assert.equal(excluded[0]?.reasons.length, 1, describeExcluded(excluded));
      assert.match(excluded[0].reasons[0] ?? '', reason);
    });
  }

  it('newer is fine, and GPUs do not matter to a pod without', () => {
    const newer = { ...FACTS, criu: '4.3', kernel: '7.0.1', cpuFlags: [...FACTS.cpuFlags!, 'amx'], gpus: [] };
    assert.deepEqual(compatibleNodes(SOURCE, [candidate('a', newer)]).compatible, ['a']);
  });

  it('an old driver takes the same GPUs again, but no others', () => {
    const old = { ...FACTS, driver: '570.10' };
    const source = { facts: old, gpuCount: 2 };
    const others = { ...old, gpus: [gpu('x'), gpu('y')] };
    const { compatible, excluded } = compatibleNodes(source, [candidate('same', old), candidate('other', others)]);
    assert.deepEqual(compatible, ['same']);
    assert.match(excluded[0]?.reasons[0] ?? '', /^NVIDIA driver 570\.10 here, at least 580 /);
  });

  const states: [string, Partial<NodeCandidate>, RegExp][] = [
    ['no agent', { gritNode: undefined }, /no GRIT agent/],
    ['agent away', { gritNode: { metadata: { name: 'a' }, status: { phase: 'Gone', facts: FACTS } } }, /is Gone$/],
    [
      'agent with a problem',
      {
        gritNode: {
          metadata: { name: 'a' },
          status: { phase: 'NotReady', facts: FACTS, problems: [{ message: 'criu is missing', hint: '' }] },
        },
      },
      /cannot work: criu is missing$/,
    ],
    ['agent just started', { gritNode: { metadata: { name: 'a' }, status: { phase: 'Ready' } } }, /facts yet$/],
    ['cordoned', { node: { ...candidate('a').node, spec: { unschedulable: true } } }, /cordoned/],
    [
      'not Ready',
      { node: { metadata: { name: 'a' }, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } } },
      /not Ready$/,
    ],
    ['unknown to its kubelet', { node: { metadata: { name: 'a' } } }, /not Ready$/],
  ];
  for (const [what, changes, reason] of states) {
    it(`excludes a node: ${what}`, () => {
      const { compatible, excluded } = compatibleNodes(SOURCE, [candidate('a', FACTS, changes)]);
      assert.deepEqual(compatible, []);
      assert.match(excluded[0]?.reasons.join() ?? '', reason);
    });
  }

  it('an unknown fact is not taken for a good one', () => {
    const { criu: _, cpuFlags: __, ...less } = FACTS;
    const { excluded } = compatibleNodes(SOURCE, [candidate('a', less)]);
    assert.deepEqual(excluded[0]?.reasons, [
      'the agent does not say which CRIU is here; 4.2.1 there',
      'the agent does not say which CPU flags are here',
    ]);
  });

  it('honours a wish, but not against the rules', () => {
    const nodes = [candidate('a'), candidate('b'), candidate('c', { ...FACTS, arch: 'arm64' })];
    assert.deepEqual(compatibleNodes(SOURCE, nodes, { nodeName: 'b' }).compatible, ['b']);
    const against = compatibleNodes(SOURCE, nodes, { nodeName: 'c' });
    assert.deepEqual(against.compatible, []);
    assert.deepEqual(against.excluded[2], { node: 'c', reasons: ['architecture arm64 here, amd64 there'] });
    assert.match(
      compatibleNodes(SOURCE, nodes, { nodeName: 'd' }).excluded[3]?.reasons[0] ?? '',
      /no node of this name/,
    );
  });

  it('sorts every node into exactly one list, whatever its facts', () => {
    const facts: fc.Arbitrary<KubeNodeFacts> = fc.record(
      {
        arch: fc.constantFrom('amd64', 'arm64'),
        cgroup: fc.constantFrom('v1' as const, 'v2' as const),
        criu: fc.constantFrom('4.1.1', '4.2', '4.2.1', 'strange'),
        kernel: fc.constantFrom('5.15.0', '6.18.3', ''),
        cpuFlags: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
        driver: fc.constantFrom('580.1', '595.2'),
        gpus: fc.array(fc.constantFrom(gpu('1'), gpu('2')), { maxLength: 3 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(facts, fc.nat(3), fc.array(facts, { maxLength: 5 }), (there, gpuCount, all) => {
        const nodes = all.map((here, at) => candidate(`n${at}`, here));
        const { compatible, excluded } = compatibleNodes({ facts: there, gpuCount }, nodes);
        const named = [...compatible, ...excluded.map(({ node }) => node)].toSorted();
        assert.deepEqual(named, nodes.map(({ node }) => node.metadata.name).toSorted());
        assert.ok(excluded.every(({ reasons }) => reasons.length > 0 && reasons.length <= 16));
        const same = compatibleNodes({ facts: there, gpuCount: 0 }, [candidate('same', there)]);
        assert.deepEqual(same.compatible, ['same'], 'a node is always compatible with itself');
      }),
      { seed: SEED },
    );
  });
});

describe('describeExcluded', () => {
  it('names nodes and reasons, not all of a large cluster', () => {
    const excluded = ['a', 'b', 'c'].map((node) => ({ node, reasons: ['no', 'never'] }));
    assert.equal(describeExcluded(excluded, 2), 'a: no, never; b: no, never; and 1 more nodes');
    assert.equal(describeExcluded([]), 'the cluster has no nodes');
  });
});

function gpu(uuid: string): NonNullable<KubeNodeFacts['gpus']>[number] {
  return { uuid, model: 'NVIDIA H100', memoryBytes: 80 * 1024 ** 3 };
}
