// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { NodeFiles } from './node-files.js';

const NODES = '/sys/class/kfd/kfd/topology/nodes';
/** Memory of a GPU that the host sees, and that it does not (`HSA_MEM_HEAP_TYPE_FB_PUBLIC`, `_PRIVATE`). */
const FRAME_BUFFERS = [1, 2];

/** A GPU as the kernel's compute driver (KFD) lists it. */
export interface AmdGpu {
  /** Number of its node in the topology; CPUs have numbers, too. */
  readonly node: number;
  /** Code name, such as `aldebaran`; empty where the driver has none. */
  readonly name: string;
  /** Instruction set: `gfx90a`. */
  readonly target: string;
  readonly memoryBytes: number;
  /** Minor number of its render node: 128 for `/dev/dri/renderD128`. */
  readonly renderMinor: number;
}

/** The GPUs of a node that can compute; those that this process may not see are left out. */
export async function readGpus(files: NodeFiles): Promise<readonly AmdGpu[]> {
  const found = await Promise.all((await files.names(NODES)).map(async (node) => readNode(files, node)));
  return found.filter((gpu) => gpu !== undefined);
}

async function readNode(files: NodeFiles, node: string): Promise<AmdGpu | undefined> {
  const directory = join(NODES, node);
  const id = Number((await files.text(join(directory, 'gpu_id')))?.trim() ?? 0);
  const properties = parse(await files.text(join(directory, 'properties')));
  // A node without is a CPU, or a GPU that the control group keeps from us.
  if (!(id > 0) || properties.size === 0) return undefined;
  const banks = (await files.names(join(directory, 'mem_banks'))).map(async (bank) =>
    parse(await files.text(join(directory, 'mem_banks', bank, 'properties'))),
  );
  const sizes = (await Promise.all(banks))
    .filter((bank) => FRAME_BUFFERS.includes(bank.get('heap_type') ?? -1))
    .map((bank) => bank.get('size_in_bytes') ?? 0);
  return {
    node: Number(node),
    name: (await files.text(join(directory, 'name')))?.trim() ?? '',
    target: targetName(properties.get('gfx_target_version') ?? 0),
    memoryBytes: sizes.reduce((sum, size) => sum + size, 0),
    renderMinor: properties.get('drm_render_minor') ?? 0,
  };
}

/** Lines of a name and a number. */
function parse(text: string | undefined): ReadonlyMap<string, number> {
  const lines = [...(text ?? '').matchAll(/^(\w+) (\d+)$/gm)];
  return new Map(lines.map(([, name = '', value = '']) => [name, Number(value)]));
}

/** 90010 is gfx90a: two digits each for minor and stepping, which are written as one hexadecimal digit. */
function targetName(version: number): string {
  const [major, minor, stepping] = [Math.floor(version / 10_000), Math.floor(version / 100) % 100, version % 100];
  return `gfx${major}${minor.toString(16)}${stepping.toString(16)}`;
}
