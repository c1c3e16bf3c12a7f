// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const TOPOLOGY = 'sys/class/kfd/kfd/topology/nodes';
const GIB = 2 ** 30;

/** Files of a node with two Instincts, a kernel that can and CRIU's plugin; the first node of the topology is a CPU. */
export const WHOLE: Readonly<Record<string, string>> = {
  'proc/sys/kernel/osrelease': '6.12.9-amd64\n',
  'boot/config-6.12.9-amd64': 'CONFIG_HSA_AMD=y\nCONFIG_CHECKPOINT_RESTORE=y\n# CONFIG_DRM_RADEON is not set\n',
  'sys/module/amdgpu/version': '6.8.5\n',
  'dev/kfd': '',
  'dev/dri/card0': '',
  'dev/dri/renderD128': '',
  'dev/dri/renderD129': '',
  'usr/lib/criu/amdgpu_plugin.so': '',
  [`${TOPOLOGY}/0/gpu_id`]: '0\n',
  [`${TOPOLOGY}/0/properties`]: 'cpu_cores_count 64\nsimd_count 0\n',
  ...gpu(1, 'aldebaran', 90_010, 128, 64),
  ...gpu(2, 'aldebaran', 90_010, 129, 64),
};

/** Files of one GPU: a public and an invisible half of its memory, and a bank that is none of its own. */
export function gpu(node: number, name: string, target: number, minor: number, gib: number): Record<string, string> {
  const bank = (heap: number, size: number): string => `heap_type ${heap}\nsize_in_bytes ${size}\nflags 0\n`;
  return {
    [`${TOPOLOGY}/${node}/gpu_id`]: `${40_000 + node}\n`,
    [`${TOPOLOGY}/${node}/name`]: `${name}\n`,
    [`${TOPOLOGY}/${node}/properties`]: `simd_count 440\ngfx_target_version ${target}\ndrm_render_minor ${minor}\n`,
    [`${TOPOLOGY}/${node}/mem_banks/0/properties`]: bank(1, (gib / 2) * GIB),
    [`${TOPOLOGY}/${node}/mem_banks/1/properties`]: bank(2, (gib / 2) * GIB),
    [`${TOPOLOGY}/${node}/mem_banks/2/properties`]: bank(0, 512 * GIB),
  };
}

/** Writes a node into a directory of its own. Text by path; undefined leaves a file out. */
export async function makeNode(files: Readonly<Record<string, string | undefined>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'grit-amd-'));
  for (const [path, text] of Object.entries(files)) {
    if (text === undefined) continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

export async function removeNode(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
}
