// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildModule, CONTROL_PLANE_MODULES, NODE_MODULES } from './binaries.js';
import { ClusterError } from './cluster-error.js';
import { clusterUnavailable } from './cluster-unavailable.js';
import { isAbandoned, listRecords, readRecord, type ClusterRecord } from './cluster-record.js';
import { gritImagesUnavailable } from './grit-image.js';
import { pythonUnavailable } from './images/python-image.js';
import { torchUnavailable } from './images/torch-image.js';
import { findMarked } from './marked-processes.js';
import { runWithTerminal } from './run-with-terminal.js';
import { KUBECONFIG, startCluster } from './start-cluster.js';
import { sweepAbandoned, sweepCluster } from './sweep.js';

const HELP = `npm run cluster -- COMMAND: a real Kubernetes cluster on this machine

  up [--name NAME] [--nodes a,b]   start one; default: named grit, with the nodes node-a and node-b
                                   (--nodes= for none: only the control plane, which needs no root)
  down [--name NAME | --all]       end it and remove all of it
  status                           which clusters there are
  kubectl [--name NAME] ARGS…      kubectl with all rights in it
  build                            only build the programs and make the images (once on a machine: some minutes)

It stays until it is taken down. The first start on a machine builds Kubernetes with Go.
`;
const NAME = { type: 'string', default: 'grit' } as const;

async function up(args: string[]): Promise<void> {
  const options = { name: NAME, nodes: { type: 'string', default: 'node-a,node-b' } } as const;
  const { name, nodes } = parseArgs({ args, options }).values;
  const wanted = { name, nodes: nodes.split(',').filter(Boolean) };
  if (readRecord(name) !== undefined) {
    throw new ClusterError(`there is a cluster ${name} already: npm run cluster -- down --name ${name}`);
  }
  const reason = await clusterUnavailable(wanted);
  if (reason !== undefined) throw new ClusterError(reason);
  const started = performance.now();
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort(new ClusterError('interrupted')));
  say(`starting ${name} (nodes: ${wanted.nodes.join(', ') || 'none'})`);
  const cluster = await startCluster({ ...wanted, detached: true }, interrupted.signal);
  say(`${name} is up (${((performance.now() - started) / 1000).toFixed(1)} s): ${cluster.server}`);
  say(`logs in ${cluster.directory}`);
  say(`end it: npm run cluster -- down --name ${name}`);
  say(`export KUBECONFIG=${cluster.kubeconfig}`);
}

async function down(args: string[]): Promise<void> {
  const { name, all } = parseArgs({ args, options: { name: NAME, all: { type: 'boolean', default: false } } }).values;
  for (const gone of await sweepAbandoned()) say(`${gone} removed (its process was gone)`);
  const records = all ? listRecords().filter(({ owner }) => owner === undefined) : [find(name)];
  for (const record of records) {
    const started = performance.now();
    await sweepCluster(record);
    say(`${record.name} is down (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  }
  if (records.length === 0) say('no cluster is up');
}

function status(): void {
  const records = listRecords();
  if (records.length === 0) say('no cluster is up');
  for (const record of records) say(describe(record));
}

function describe(record: ClusterRecord): string {
  const { name, owner, nodes, directory } = record;
  const whose = owner === undefined ? 'until taken down' : `of process ${owner.pid}`;
  const state = isAbandoned(record) ? 'abandoned' : `${findMarked(directory).length} processes`;
  const names = nodes.map((node) => node.name).join(', ') || 'none';
  return `${name}: ${state}, ${whose}; nodes: ${names}; KUBECONFIG=${join(directory, KUBECONFIG)}`;
}

async function kubectl(args: string[]): Promise<number> {
  const [first = '', second, ...others] = args;
  const named = first === '--name' ? { name: second ?? '', rest: others } : { name: NAME.default, rest: args };
  const { directory } = find(named.name);
  const program = join(await buildModule('kubernetes'), 'kubectl');
  return await runWithTerminal(program, named.rest, { KUBECONFIG: join(directory, KUBECONFIG) });
}

async function build(): Promise<void> {
  const started = performance.now();
  const reason = await clusterUnavailable({ nodes: ['any'] });
  if (reason !== undefined) say(`no cluster with nodes: ${reason}`);
  const without = reason === undefined ? undefined : await clusterUnavailable({});
  if (without !== undefined) throw new ClusterError(without);
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort(new ClusterError('interrupted')));
  const images = [pythonUnavailable, torchUnavailable, gritImagesUnavailable];
  for (const unavailable of reason === undefined ? images : []) {
    const lack = await unavailable(interrupted.signal);
    if (lack !== undefined) say(`an image is missing: ${lack}`);
  }
  if (reason === undefined) await buildModule('helm', interrupted.signal);
  const modules = [...CONTROL_PLANE_MODULES, ...(reason === undefined ? [...NODE_MODULES, 'helm'] : [])];
  say(`built: ${modules.join(', ')} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}

function find(name: string): ClusterRecord {
  const record = readRecord(name);
  if (record !== undefined) return record;
  const names = listRecords().map((one) => one.name);
  throw new ClusterError(
    `there is no cluster ${name} (there ${names.length > 0 ? `are: ${names.join(', ')}` : 'is none'})`,
  );
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function run([command = 'help', ...args]: string[]): Promise<number> {
  switch (command) {
    case 'up':
      await up(args);
      return 0;
    case 'down':
      await down(args);
      return 0;
    case 'status':
      status();
      return 0;
    case 'kubectl':
      return await kubectl(args);
    case 'build':
      await build();
      return 0;
    case 'help':
    case '--help':
      process.stdout.write(HELP);
      return 0;
    default:
      process.stderr.write(`cluster: there is no command ${command}\n\n${HELP}`);
      return 2;
  }
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const wrongUsage = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
  if (!(error instanceof ClusterError) && !wrongUsage) throw error;
  process.stderr.write(`cluster: ${(error as Error).message}\n`);
  process.exitCode = wrongUsage ? 2 : 1;
}
