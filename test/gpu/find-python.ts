// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Ground } from './bed.js';
import { runToFile } from './process/run-to-file.js';

/** A Python with PyTorch. */
export interface Python {
  readonly program: string;
  /** Version of PyTorch. */
  readonly torch: string;
}

const QUESTION = 'import torch; print("torch", torch.__version__, torch.cuda.is_available())';

/** Looks for a Python whose PyTorch can use the GPU; resolves with the reason when there is none. */
export async function findPython(
  { directory, environment }: Pick<Ground, 'directory' | 'environment'>,
  gpu: boolean,
  signal: AbortSignal,
): Promise<Python | { reason: string }> {
  const asked = process.env['GRIT_GPU_PYTHON'];
  const programs =
    asked === undefined
      ? ['python3', 'python', '/usr/bin/python3', '/opt/conda/bin/python', '/opt/venv/bin/python']
      : [asked];
  let reason = `no PyTorch in ${programs.join(', ')} (GRIT_GPU_PYTHON names another Python)`;
  for (const program of programs) {
    const { code, output } = await runToFile([program, '-c', QUESTION], join(directory, 'python'), signal, environment);
    const [, torch, usable] = /^torch (\S+) (True|False)$/m.exec(output) ?? [];
    if (code !== 0 || torch === undefined) continue;
    if (!gpu || usable === 'True') return { program, torch };
    reason = `PyTorch ${torch} of ${program} has no use of the GPU (torch.cuda.is_available() is False)`;
  }
  return { reason };
}
