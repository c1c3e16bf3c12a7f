// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import {
  isGritError,
  NAME_PATTERN,
  type GritError,
  type MigrateRequest,
  type OperationRequest,
  type RestoreRequest,
  type RunRequest,
} from '@grit/plugin-api';
import fc from 'fast-check';
import { parseOperationRequest } from '../../src/api/request/parse-operation-request.js';
import { samples } from './request-samples.js';

// GRIT_SCALE=100 for a long run.
const SEED = Number(process.env['GRIT_SEED'] ?? 1);
const SCALE = Number(process.env['GRIT_SCALE'] ?? 1);

const CODES = ['GRIT_REQUEST_INVALID', 'GRIT_REQUEST_VERSION', 'GRIT_REQUEST_TOO_LARGE'];
const base = { apiVersion: 'grit.dev/v1' };
const workload = { kind: 'container', name: 'train' };
const run = (spec: object): unknown => ({ ...base, kind: 'run', spec: { name: 'a', command: ['x'], ...spec } });

function errorOf(kind: unknown, data: unknown): GritError {
  try {
    parseOperationRequest(kind, data);
  } catch (error) {
    assert.ok(isGritError(error), String(error));
    assert.ok(CODES.includes(error.code), error.code);
    return error;
  }
  return assert.fail(`taken: ${JSON.stringify(data)}`);
}

describe('parseOperationRequest', () => {
  for (const sample of samples) {
    it(`takes a ${sample.kind} as it is, the kind from the job or from the data`, () => {
      const parsed = parseOperationRequest(sample.kind, sample);
      assert.deepEqual(parsed, sample);
      assert.notEqual(parsed, sample);
      const { kind, ...data } = sample;
      assert.deepEqual(parseOperationRequest(kind, data), sample);
    });
  }

  it('takes undefined for missing', () => {
    const request = { ...base, kind: 'stop', workload: { ...workload, namespace: undefined }, graceMs: undefined };
    assert.deepEqual(Object.keys(parseOperationRequest('stop', request)), ['apiVersion', 'kind', 'workload']);
  });

  it('names all problems with their fields', () => {
    const { message, details } = errorOf('run', {
      ...{ ...base, nod: 'a', idempotencyKey: 'a\nb' },
      spec: { name: 'A', command: [1], mounts: [{ source: '../x', destination: '/a/../b' }], limits: { cpus: '1' } },
    });
    for (const field of ['nod:', 'idempotencyKey:', 'spec.name:', 'spec.command[0]:', 'spec.mounts[0].source:']) {
      assert.ok(message.includes(field), message);
    }
    for (const field of ['spec.mounts[0].destination:', 'spec.limits.cpus:'])
      assert.ok(message.includes(field), message);
    assert.equal((details?.problems as string[]).length, 7);
  });

  const wrong: readonly (readonly [string, unknown, unknown, string])[] = [
    ['no object', 'stop', null, 'request: is not an object'],
    ['a list', 'stop', [], 'request: is not an object'],
    ['an unknown kind', 'explode', { ...base, workload }, 'kind:'],
    ['a kind that every object has', 'constructor', { ...base, workload }, 'kind:'],
    ['a kind that differs from the job', 'stop', { ...base, kind: 'delete', workload }, 'kind: "delete"'],
    ['no version', 'stop', { workload }, 'apiVersion: is missing'],
    ['no workload', 'stop', base, 'workload: is missing'],
    ['a path as a name', 'stop', { ...base, workload: { kind: 'container', name: '../x' } }, 'workload.name:'],
    ['nothing to restore', 'restore', base, 'checkpoint, workload: at least one'],
    ['two things to delete', 'delete', { ...base, workload, checkpoint: 'ck-1' }, 'checkpoint, workload: exactly one'],
    ['a fraction of a ms', 'stop', { ...base, workload, graceMs: 0.5 }, 'graceMs:'],
    ['an endless grace', 'stop', { ...base, workload, graceMs: 1e12 }, 'graceMs:'],
    ['an empty key', 'stop', { ...base, workload, idempotencyKey: '' }, 'idempotencyKey:'],
    ['a long key', 'stop', { ...base, workload, idempotencyKey: 'k'.repeat(201) }, 'idempotencyKey:'],
    ['no command', 'run', run({ command: [] }), 'spec.command:'],
    ['an empty command', 'run', run({ command: ['', 'x'] }), 'spec.command[0]: is empty'],
    ['NUL in an argument', 'run', run({ command: ['x', 'a\0b'] }), 'spec.command[1]:'],
    ['a variable with =', 'run', run({ env: { 'A=B': 'x' } }), 'spec.env:'],
    ['NUL in a variable', 'run', run({ env: { A: '\0' } }), 'spec.env.A:'],
    ['__proto__', 'run', run({ env: JSON.parse('{"__proto__": "x"}') as object }), 'spec.env:'],
    ['a relative directory', 'run', run({ workingDirectory: 'srv' }), 'spec.workingDirectory:'],
    ['a doubled slash', 'run', run({ workingDirectory: '//srv' }), 'spec.workingDirectory:'],
    ['a final slash', 'run', run({ workingDirectory: '/srv/' }), 'spec.workingDirectory:'],
    ['a mount over the root', 'run', run({ mounts: [{ source: '/a', destination: '/' }] }), 'destination: the root'],
    [
      'two mounts in one place',
      'run',
      run({ mounts: ['/a', '/b'].map((source) => ({ source, destination: '/m' })) }),
      'spec.mounts[1].destination: /m is there twice',
    ],
    ['a device outside of /dev', 'run', run({ devices: [{ source: '/dev/a', destination: '/a' }] }), 'not below /dev'],
    ['a device without a place', 'run', run({ devices: [{ source: '/dev/a' }] }), 'spec.devices[0].destination:'],
    [
      'two devices in one place',
      'run',
      run({ devices: ['/dev/a', '/dev/b'].map((source) => ({ source, destination: '/dev/c' })) }),
      'spec.devices[1].destination: /dev/c is there twice',
    ],
    ['no pids', 'run', run({ limits: { pids: 0 } }), 'spec.limits.pids:'],
    ['endless memory', 'run', run({ limits: { memoryBytes: Infinity } }), 'spec.limits.memoryBytes:'],
    ['no number of CPUs', 'run', run({ limits: { cpus: NaN } }), 'spec.limits.cpus:'],
  ];
  for (const [what, kind, data, text] of wrong) {
    it(`refuses ${what}`, () => {
      const error = errorOf(kind, data);
      assert.equal(error.code, 'GRIT_REQUEST_INVALID');
      assert.ok(error.message.includes(text), error.message);
    });
  }

  it('tells versions and sizes that it does not take apart', () => {
    assert.equal(errorOf('stop', { apiVersion: 'grit.dev/v2', whatever: 1 }).code, 'GRIT_REQUEST_VERSION');
    const large = { ...base, workload, padding: 'ü'.repeat(33_000) };
    assert.equal(errorOf('stop', large).code, 'GRIT_REQUEST_TOO_LARGE');
    const cyclic: Record<string, unknown> = { ...base };
    cyclic.self = cyclic;
    assert.equal(errorOf('stop', cyclic).code, 'GRIT_REQUEST_INVALID');
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    assert.equal(errorOf('stop', { ...base, workload: deep }).code, 'GRIT_REQUEST_INVALID');
  });

  it('survives whatever it is given', () => {
    const kinds = fc.oneof(fc.constantFrom(...samples.map(({ kind }) => kind)), fc.anything());
    const data = fc.oneof(
      fc.anything(),
      fc.jsonValue(),
      fc.record({ apiVersion: fc.constant('grit.dev/v1'), workload: fc.anything() }),
    );
    fc.assert(
      fc.property(kinds, data, (kind, value) => takesOrRefuses(kind, value)),
      { numRuns: 500 * SCALE, seed: SEED },
    );
  });

  it('refuses or takes a request with one part replaced, and never lets an odd part through', () => {
    const odd = fc.oneof(
      fc.anything(),
      fc.constantFrom('', '/', '../..', 'a/b', '\0', '-x', 'x-', 'ck-1', 0, -1, 1e309, null),
    );
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.nat(), odd, (sample, at, value) => {
        const copy = structuredClone(sample) as unknown as Record<string, unknown>;
        const places = placesOf(copy);
        const place = places[at % places.length]!;
        place.parent[place.key] = value;
        takesOrRefuses(sample.kind, copy);
      }),
      { numRuns: 1_000 * SCALE, seed: SEED },
    );
  });
});

function takesOrRefuses(kind: unknown, value: unknown): void {
  try {
    const parsed = parseOperationRequest(kind, value);
    assert.deepEqual(parseOperationRequest(parsed.kind, JSON.parse(JSON.stringify(parsed))), parsed);
    assert.doesNotMatch(JSON.stringify(parsed), /\\u0000/);
    for (const name of namesIn(parsed)) assert.match(name, NAME_PATTERN);
    for (const path of pathsIn(parsed)) assert.equal(resolve(path), path);
  } catch (error) {
    assert.ok(isGritError(error) && CODES.includes(error.code), String(error));
    assert.ok(error.message.length < 8_000);
  }
}

function namesIn(request: OperationRequest): string[] {
  const { workload, checkpoint, node, to, storage, spec } = request as Partial<
    Pick<MigrateRequest, 'workload' | 'to' | 'storage'> &
      Pick<RestoreRequest, 'checkpoint' | 'node'> &
      Pick<RunRequest, 'spec'>
  >;
  const names = [workload?.kind, workload?.name, workload?.namespace, checkpoint, node, to, storage, spec?.name];
  return names.filter((name) => name !== undefined);
}

function pathsIn(request: OperationRequest): string[] {
  if (request.kind !== 'run') return [];
  const { workingDirectory = '/', mounts = [], devices = [] } = request.spec;
  return [workingDirectory, ...[...mounts, ...devices].flatMap(({ source, destination }) => [source, destination])];
}

interface Place {
  readonly parent: Record<string, unknown>;
  readonly key: string;
}

function placesOf(parent: Record<string, unknown>): Place[] {
  return Object.entries(parent).flatMap(([key, value]) => [
    { parent, key },
    ...(typeof value === 'object' && value !== null ? placesOf(value as Record<string, unknown>) : []),
  ]);
}
