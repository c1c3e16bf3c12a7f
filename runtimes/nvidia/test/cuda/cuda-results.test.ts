// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { GritError } from '@grit/plugin-api';
import { CudaError } from '../../src/cuda/cuda-error.js';
import { meaningOf, resultIn } from '../../src/cuda/cuda-results.js';
import { toGritError } from '../../src/cuda/to-grit-error.js';

/** The page of facts lists these. */
const LISTED = {
  1: 'INVALID_VALUE',
  2: 'OUT_OF_MEMORY',
  3: 'NOT_INITIALIZED',
  201: 'INVALID_CONTEXT',
  304: 'OPERATING_SYSTEM',
  401: 'ILLEGAL_STATE',
  600: 'NOT_READY',
  801: 'NOT_SUPPORTED',
  900: 'STREAM_CAPTURE_UNSUPPORTED',
};
const CALLS = ['Lock', 'Checkpoint', 'Restore', 'Unlock', 'GetState'].map((name) => `cuCheckpointProcess${name}`);

describe('answers of the CUDA driver', () => {
  for (const [number, name] of Object.entries(LISTED)) {
    it(`${number} has the name ${name}, a meaning, something to do, and the driver's own text`, () => {
      const result = Number(number);
      const row = meaningOf(result);
      assert.equal(row.name, `CUDA_ERROR_${name}`);
      assert.ok(row.meaning.length > 10 && row.hint.length > 10);
      assert.equal(resultIn(`Could not lock: "${row.text}"\n`), result);
    });
  }

  it('an unknown one keeps its number', () => {
    const error = toGritError(new CudaError(12_345, 'cuCheckpointProcessLock', 7));
    assert.equal(error.code, 'GRIT_DEVICE_FAILED');
    assert.match(error.message, /CUresult 12345/);
    assert.equal(resultIn('something else'), undefined);
  });

  it('the code is that of what the caller can do', () => {
    for (const call of CALLS) {
      for (const result of [1, 2, 3, 201, 304, 401, 600, 801, 900]) {
        const isLock = call === 'cuCheckpointProcessLock';
        const code =
          result === 600 && isLock
            ? 'GRIT_DEVICE_BUSY'
            : result === 3 || result === 801
              ? 'GRIT_DEVICE_UNAVAILABLE'
              : 'GRIT_DEVICE_FAILED';
        const { resultName } = new CudaError(result, call, 42);
        const error = toGritError(new CudaError(result, call, 42));
        assert.equal(error.code, code, `${call} ${result}`);
        assert.deepEqual(error.details, { call, pid: 42, result, resultName });
        for (const part of [call, '42', resultName]) assert.ok(error.message.includes(part), error.message);
        assert.equal(error.hint, meaningOf(result).hint);
      }
    }
  });

  it('other errors stay what they are', () => {
    const timeout = new GritError('GRIT_TIMEOUT', 'late');
    assert.equal(toGritError(timeout), timeout);
    assert.equal(toGritError(new Error('odd')).code, 'GRIT_DEVICE_FAILED');
  });
});
