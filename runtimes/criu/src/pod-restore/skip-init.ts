// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GritError } from '@grit/plugin-api';
import type { BundleConfig } from './pod-bundle.js';

/** Where it is in the container. */
const PLACE = '/.grit/done';
const BASE = 0x400000;
const HEADERS = 64 + 56;

/** exit(0), by architecture: ELF machine and code. */
const EXITS: Readonly<Record<string, readonly [machine: number, code: readonly number[]]>> = {
  // mov $60,%eax; xor %edi,%edi; syscall
  x64: [62, [0xb8, 0x3c, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05]],
  // mov x8,#93; mov x0,#0; svc #0
  arm64: [183, [0xa8, 0x0b, 0x80, 0xd2, 0, 0, 0x80, 0xd2, 0x01, 0, 0, 0xd4]],
};

/**
 * Lets an init container end at once, well: its work was done before the checkpoint and is in what is restored; done again, it would write
 * over it. The image need not have a shell or anything else.
 */
export function skipInit(config: BundleConfig, program: string): BundleConfig {
  const mount = { destination: PLACE, type: 'bind', source: program, options: ['bind', 'ro'] };
  return {
    ...config,
    process: { ...config.process, args: [PLACE], cwd: '/' },
    mounts: [...(config.mounts ?? []), mount],
  };
}

/** Writes a program that ends at once. */
export async function writeExitProgram(path: string, arch: string): Promise<void> {
  const draft = `${path}.new`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(draft, exitProgram(arch));
  await chmod(draft, 0o755);
  await rename(draft, path);
}

/** The smallest ELF file: one segment, a few bytes of code. */
export function exitProgram(arch: string): Buffer {
  const [machine, code] = EXITS[arch] ?? [];
  if (machine === undefined || code === undefined) {
    throw new GritError('GRIT_UNSUPPORTED', `init containers cannot be passed over on ${arch}`);
  }
  const file = Buffer.alloc(HEADERS + code.length);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16); // an executable
  file.writeUInt16LE(machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(BASE + HEADERS), 24); // entry
  file.writeBigUInt64LE(64n, 32); // program headers
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64); // to be loaded
  file.writeUInt32LE(5, 68); // read, execute
  file.writeBigUInt64LE(BigInt(BASE), 80);
  file.writeBigUInt64LE(BigInt(BASE), 88);
  file.writeBigUInt64LE(BigInt(file.length), 96);
  file.writeBigUInt64LE(BigInt(file.length), 104);
  file.writeBigUInt64LE(0x1000n, 112);
  file.set(code, HEADERS);
  return file;
}
