// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a training has written so far. */
export interface TrainingLog {
  /** Numbers of the steps, as they were written. */
  readonly steps: readonly number[];
  /** Losses of the same steps, as text. */
  readonly losses: readonly string[];
  /** Of the final weights; undefined before its end. */
  readonly sha256: string | undefined;
}

/** Reads the log of the `trainingJob` of this name from the folder behind its claim; empty where there is none yet. */
export function readTraining(folder: string, name: string): TrainingLog {
  const lines = readLines(join(folder, `${name}.log`));
  const steps: number[] = [];
  const losses: string[] = [];
  let sha256: string | undefined;
  for (const line of lines) {
    const [word, first = '', second = ''] = line.split(' ');
    if (word === 'step') {
      steps.push(Number(first));
      losses.push(second);
    } else {
      assert.equal(word, 'sha256', `the log of ${name} has the line ${line}`);
      assert.equal(sha256, undefined, `${name} has ended twice`);
      sha256 = first;
    }
  }
  return { steps, losses, sha256 };
}

/** Asserts that a training has ended with each step written once and in order, and resolves with the sha256 of its weights. */
export function checkTraining({ steps, sha256 }: TrainingLog, wanted: number): string {
  const all = Array.from({ length: wanted }, (_, index) => index + 1);
  assert.deepEqual(steps, all, 'steps are lost, doubled or out of order');
  assert.match(sha256 ?? 'none: it has not ended', /^[0-9a-f]{64}$/);
  return sha256!;
}

/** The complete lines of a file that somebody may be writing; none where there is no file. */
export function readLines(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return [];
  }
  return text.split('\n').slice(0, -1);
}
