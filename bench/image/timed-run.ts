// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';

/** What a run took. */
export interface Run {
  /** From the start of the command to the end of a `sync` of the whole machine. */
  readonly seconds: number;
  /** CPU time of the command and its children, user and system. */
  readonly cpu: number;
  readonly stdout: string;
}

const MARK = 'grit-bench-times';

/** Runs a shell command with cold caches and times it until its data are on the disk. Throws with its output when it fails. */
export async function timedRun(command: string, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  await settle();
  const script = `TIMEFORMAT='${MARK} %R %U %S'; time { { ${command} ; } && sync; }`;
  const { stdout, stderr } = await shell(script, env);
  const [seconds = NaN, user = NaN, system = NaN] = (new RegExp(`${MARK} (.*)`).exec(stderr)?.[1] ?? '')
    .split(' ')
    .map(Number);
  return { seconds, cpu: user + system, stdout };
}

/** Everything on the disk, nothing in the page cache. */
export async function settle(): Promise<void> {
  await shell('sync');
  await writeFile('/proc/sys/vm/drop_caches', '3');
}

/** Runs a shell command. Throws with its output when it fails. */
export async function shell(
  script: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const child = spawn('bash', ['-c', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', ...env },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0)
    throw new Error(`${script}\nended with ${code}:\n${output.stdout.slice(-1000)}${output.stderr.slice(-2000)}`);
  return output;
}
