// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { closestName, isGritError } from '@grit/plugin-api';
import { parseDevice } from '../src/arguments/parse-device.js';
import { parseDuration } from '../src/arguments/parse-duration.js';
import { parseEnv } from '../src/arguments/parse-env.js';
import { parseLimits } from '../src/arguments/parse-limits.js';
import { parseMount } from '../src/arguments/parse-mount.js';
import { parseSize } from '../src/arguments/parse-size.js';

const usage = (pattern: RegExp) => (error: unknown) =>
  isGritError(error) && error.code === 'GRIT_USAGE' && pattern.test(error.message);

describe('arguments', () => {
  it('sizes are powers of 1,024, with or without B and iB', () => {
    assert.equal(parseSize('4096', 'x'), 4_096);
    assert.equal(parseSize('1g', 'x'), 2 ** 30);
    assert.equal(parseSize('1.5G', 'x'), 1.5 * 2 ** 30);
    assert.equal(parseSize('512MiB', 'x'), 2 ** 29);
    assert.equal(parseSize('2kb', 'x'), 2_048);
    for (const wrong of ['', '0', 'g', '-1g', '1gg', '1x', '1e9', '99999999t']) {
      assert.throws(() => parseSize(wrong, '--limit memory'), usage(/--limit memory: .* is not a size/), wrong);
    }
  });

  it('durations', () => {
    assert.equal(parseDuration('10', 'x'), 10_000);
    assert.equal(parseDuration('500ms', 'x'), 500);
    assert.equal(parseDuration('1.5m', 'x'), 90_000);
    assert.throws(() => parseDuration('soon', '--grace'), usage(/--grace/));
  });

  it('mounts', () => {
    assert.deepEqual(parseMount('/data:/in:ro', '/here'), { source: '/data', destination: '/in', readOnly: true });
    assert.deepEqual(parseMount('data:/in:rw', '/here'), { source: '/here/data', destination: '/in' });
    for (const wrong of ['/data', ':/in', '/data:', '/a:/b:rx', '/a:/b:ro:z', '/a:b']) {
      assert.throws(() => parseMount(wrong, '/here'), usage(/--mount/), wrong);
    }
  });

  it('devices', () => {
    assert.deepEqual(parseDevice('/dev/kvm', '/here'), { source: '/dev/kvm', destination: '/dev/kvm' });
    assert.deepEqual(parseDevice('gpu/dev/nvidia0:/dev/nvidia0', '/run'), {
      source: '/run/gpu/dev/nvidia0',
      destination: '/dev/nvidia0',
    });
    for (const wrong of [
      '',
      ':/dev/a',
      '/dev/a:',
      '/dev/a:dev/b',
      '/dev/a:/b',
      '/dev/a:/dev',
      '/srv/a',
      '/a:/dev/b:r',
    ]) {
      assert.throws(() => parseDevice(wrong, '/here'), usage(/--device/), wrong);
    }
    assert.throws(() => parseDevice('/dev/a:/dev/../etc/b', '/'), usage(/not below \/dev/));
  });

  it('environment: pairs, empty values, values with =, names from here', () => {
    assert.deepEqual(parseEnv(['A=1', 'B=', 'C=x=y', 'HOME'], { HOME: '/root' }), {
      A: '1',
      B: '',
      C: 'x=y',
      HOME: '/root',
    });
    assert.throws(() => parseEnv(['1A=x'], {}), usage(/not NAME=VALUE/));
    assert.throws(() => parseEnv(['MISSING'], {}), usage(/MISSING is not set/));
  });

  it('limits', () => {
    assert.equal(parseLimits([]), undefined);
    assert.deepEqual(parseLimits(['memory=1g', 'cpus=1.5', 'pids=9']), { memoryBytes: 2 ** 30, cpus: 1.5, pids: 9 });
    for (const wrong of ['memory', 'cpus=0', 'cpus=x', 'pids=1.5', 'disk=1g']) {
      assert.throws(() => parseLimits([wrong]), usage(/--limit/), wrong);
    }
  });

  it('suggests what is close and nothing else', () => {
    assert.equal(closestName('chekpoint', ['checkpoint', 'restore']), 'checkpoint');
    assert.equal(closestName('frobnicate', ['checkpoint', 'restore']), undefined);
  });
});
