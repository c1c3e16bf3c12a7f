// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeFacts } from '@grit/plugin-api';
import plugin from '../src/index.js';
import { AmdRuntimeDriver } from '../src/driver/amd-runtime-driver.js';
import { gpu, makeNode, removeNode, WHOLE } from './fake-node.js';

const NEVER = new AbortController().signal;
/** The container of a test need not be privileged. */
const isPrivilege = (message: string): boolean => message.includes('CAP_CHECKPOINT_RESTORE nor');

describe('the probe of runtime-amd', () => {
  async function probe(
    files: Readonly<Record<string, string | undefined>>,
    change: (root: string) => Promise<void> = async () => Promise.resolve(),
    criuPluginDirectory?: string,
  ): Promise<NodeFacts> {
    const root = await makeNode(files);
    try {
      await change(root);
      return await new AmdRuntimeDriver({ root, criuPluginDirectory }).probe(NEVER);
    } finally {
      await removeNode(root);
    }
  }
  const messages = ({ problems }: NodeFacts): readonly string[] =>
    problems.map(({ message }) => message).filter((message) => !isPrivilege(message));

  it('lists the GPUs of a node, and finds nothing missing but GRIT itself', async () => {
    const found = await probe(WHOLE);
    assert.equal(found.ready, false);
    assert.deepEqual(messages(found), [
      'GRIT cannot checkpoint workloads with AMD GPUs yet: runtime-amd only looks at the node',
    ]);
    assert.deepEqual(found.facts, {
      ...{ kernel: '6.12.9-amd64', arch: process.arch, amdgpu: '6.8.5', kfd: '/dev/kfd' },
      ...{ 'render-nodes': 'renderD128 renderD129', 'amd-gpus': '2' },
      ...{ 'amd-gpu-0': 'aldebaran gfx90a 64 GiB', 'amd-gpu-1': 'aldebaran gfx90a 64 GiB' },
      'criu-amdgpu-plugin': '/usr/lib/criu/amdgpu_plugin.so',
    });
  });

  it('says of a node without such a GPU that it has none, once', async () => {
    const found = await probe({ 'proc/sys/kernel/osrelease': '6.12.9\n', 'proc/modules': 'i915 1 0 - Live 0x0\n' });
    const [, none, plugin, ...more] = messages(found);
    assert.equal(none, 'no AMD GPU: the kernel driver amdgpu is not loaded, and there is no /dev/kfd');
    assert.match(plugin ?? '', /^CRIU's amdgpu_plugin\.so is not in \/usr\/lib\/criu, .*\/usr\/local\/libexec\/criu$/);
    assert.deepEqual(more, []);
    assert.deepEqual([found.facts['amdgpu'], found.facts['amd-gpus'], found.facts['kfd']], ['not loaded', '0', 'none']);
  });

  it('says nothing of a kernel that it knows nothing of', async () => {
    const found = await probe({});
    assert.equal(found.facts['kernel'], undefined);
    assert.ok(!messages(found).some((message) => /Linux|CONFIG_/.test(message)), messages(found).join('\n'));
  });

  const kernel = (release: string): Record<string, string | undefined> => ({
    ...WHOLE,
    'proc/sys/kernel/osrelease': `${release}\n`,
    'sys/module/amdgpu/version': undefined,
    'proc/modules': 'amdgpu 1 0 - Live 0x0\n',
  });
  for (const [release, isOld] of [
    ['5.4.0-1-generic', true],
    ['5.17.15', true],
    ['5.18.0', false],
    ['6.1.0-30-amd64', false],
    ['10.0.0', false],
  ] as const) {
    it(`judges the driver of Linux ${release} by its version`, async () => {
      const found = await probe(kernel(release));
      assert.equal(found.facts['amdgpu'], 'of the kernel');
      const words = `the amdgpu driver of Linux ${release} has no calls to save and restore the state of a process`;
      assert.equal(messages(found).includes(words), isOld);
    });
  }

  it("does not judge AMD's own driver by the version of the kernel", async () => {
    const found = await probe({ ...WHOLE, 'proc/sys/kernel/osrelease': '5.15.0-78-generic\n' });
    assert.deepEqual(messages(found).length, 1);
  });

  for (const where of ['packed', 'lib', 'boot'] as const) {
    it(`reads the configuration of the kernel: ${where}`, async () => {
      const text = '# CONFIG_HSA_AMD is not set\nCONFIG_DRM_AMDGPU=m\n';
      const files = {
        ...{ ...WHOLE, 'dev/kfd': undefined, 'boot/config-6.12.9-amd64': where === 'boot' ? text : undefined },
        ...(where === 'lib' ? { 'lib/modules/6.12.9-amd64/config': text } : {}),
      };
      const found = await probe(files, async (root) => {
        if (where === 'packed') await writeFile(join(root, 'proc/config.gz'), gzipSync(text));
      });
      assert.deepEqual(messages(found).slice(1), [
        'there is no /dev/kfd: the kernel was built without CONFIG_HSA_AMD',
        'the kernel was built without CONFIG_CHECKPOINT_RESTORE',
      ]);
    });
  }

  it('goes on when the packed configuration is damaged', async () => {
    const found = await probe({ ...WHOLE, 'proc/config.gz': 'no gzip', 'dev/kfd': undefined });
    assert.deepEqual(messages(found).slice(1), ['there is no /dev/kfd']);
  });

  it('names GPUs that cannot be used, and leaves out those that it may not see', async () => {
    const hidden = { 'sys/class/kfd/kfd/topology/nodes/2/properties': '' };
    const found = await probe({ ...WHOLE, ...hidden, ...gpu(7, 'navi21', 100_300, 135, 16) });
    assert.equal(found.facts['amd-gpu-1'], 'navi21 gfx1030 16 GiB');
    assert.deepEqual(messages(found).slice(1), [
      'the render node of GPU 7, /dev/dri/renderD135, is not there',
      'GPU 7 is gfx1030; the amdgpu plugin of CRIU names gfx9 as what it supports',
    ]);
    const none = await probe({ ...WHOLE, ...hidden, 'sys/class/kfd/kfd/topology/nodes/1/gpu_id': 'x' });
    assert.deepEqual(messages(none).slice(1), ['the compute driver (KFD) lists no GPU that this process may see']);
  });

  it('looks for the plugin of CRIU in the usual places, or in the one that is given', async () => {
    const without = { ...WHOLE, 'usr/lib/criu/amdgpu_plugin.so': undefined };
    const found = await probe({ ...without, 'usr/lib64/criu/amdgpu_plugin.so': '' });
    assert.equal(found.facts['criu-amdgpu-plugin'], '/usr/lib64/criu/amdgpu_plugin.so');
    const given = await probe(WHOLE, undefined, '/opt/criu/plugins');
    assert.deepEqual(messages(given).slice(1), ["CRIU's amdgpu_plugin.so is not in /opt/criu/plugins"]);
  });

  it('every problem says what can be done', async () => {
    for (const files of [WHOLE, {}, kernel('5.4.0'), { ...WHOLE, 'dev/kfd': undefined }]) {
      for (const { message, hint } of (await probe(files)).problems) assert.ok(hint.length > 10, message);
    }
  });

  it('is what the plugin makes of its options', async () => {
    const root = await makeNode(WHOLE);
    try {
      const parsed = await plugin.config!['~standard'].validate({ root });
      assert.ok(parsed.issues === undefined);
      const { services } = await plugin.create({ name: 'runtime-amd', config: parsed.value, deps: {}, signal: NEVER });
      assert.deepEqual(
        services?.map(({ ref }) => ref.id),
        ['grit.runtime-driver'],
      );
      const driver = services[0]!.service as AmdRuntimeDriver;
      assert.equal((await driver.probe(NEVER)).facts['amd-gpus'], '2');
      assert.ok((await plugin.config!['~standard'].validate({ rot: '/' })).issues !== undefined);
    } finally {
      await removeNode(root);
    }
  });
});
