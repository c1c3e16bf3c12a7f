// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isGritError } from '@grit/plugin-api';
import { chooseMap, parseMap } from '../../src/device/device-map.js';
import type { Gpu } from '../../src/nvml/gpus.js';

const NOTHING = new Map<string, string>();

function uuid(n: number): string {
  return `GPU-00000000-0000-0000-0000-${String(n).padStart(12, '0')}`;
}

function gpu(n: number, { name = 'H100', memoryBytes = 80, mig = false } = {}): Gpu {
  const rest = { busId: `0000:0${n}:00.0`, freeBytes: memoryBytes, persistence: true, computeMode: 'default' };
  return { uuid: uuid(n), name, minor: n, memoryBytes, mig, ...rest };
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isGritError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('the GPUs of a restore', () => {
  it('are the very same where they can be', () => {
    assert.deepEqual(chooseMap([gpu(1), gpu(2)], [gpu(2), gpu(1)], NOTHING), {});
  });

  it('are others of the same model, each once, and those that are there keep their place', () => {
    assert.deepEqual(chooseMap([gpu(1), gpu(2)], [gpu(2), gpu(3)], NOTHING), {
      [uuid(1)]: uuid(3),
      [uuid(2)]: uuid(2),
    });
  });

  it('are those that are wanted by hand', () => {
    const wanted = parseMap(`${uuid(1)}=${uuid(4)}, ${uuid(2)}=${uuid(1)}`);
    assert.deepEqual(chooseMap([gpu(1), gpu(2)], [gpu(1), gpu(2), gpu(4)], wanted), {
      [uuid(1)]: uuid(4),
      [uuid(2)]: uuid(1),
    });
  });

  it('are refused where there are too few, of another model, smaller, or partitioned', () => {
    const one = [gpu(1)];
    assert.match(
      refusal(() => chooseMap(one, [], NOTHING)),
      /^GRIT_RESTORE_INCOMPATIBLE: .*had 1 GPU, here are 0 GPUs/,
    );
    for (const other of [gpu(2, { name: 'A100' }), gpu(2, { memoryBytes: 40 }), gpu(2, { mig: true })]) {
      assert.match(
        refusal(() => chooseMap(one, [other], NOTHING)),
        /^GRIT_RESTORE_INCOMPATIBLE: no GPU here can stand/,
      );
    }
  });

  it('are refused where what is wanted is not there, does not fit, or is wanted twice', () => {
    const here = [gpu(3), gpu(4, { name: 'A100' })];
    const choose = (text: string): string => refusal(() => chooseMap([gpu(1), gpu(2)], here, parseMap(text)));
    assert.match(choose(`${uuid(1)}=${uuid(9)}`), /which is not there/);
    assert.match(choose(`${uuid(1)}=${uuid(4)}`), /cannot stand for/);
    assert.match(choose(`${uuid(1)}=${uuid(3)},${uuid(2)}=${uuid(3)}`), /to two GPUs/);
  });

  it('whatever is there: every GPU of the source has one of its own model, and none is given twice', () => {
    const models = fc.constantFrom('H100', 'A100');
    const gpus = (from: number): fc.Arbitrary<Gpu[]> =>
      fc.array(models, { maxLength: 5 }).map((names) => names.map((name, n) => gpu(from + n, { name })));
    fc.assert(
      fc.property(gpus(0), fc.oneof(gpus(0), gpus(3)), (source, here) => {
        let map: Readonly<Record<string, string>>;
        try {
          map = chooseMap(source, here, NOTHING);
        } catch (error) {
          assert.ok(isGritError(error) && error.code === 'GRIT_RESTORE_INCOMPATIBLE');
          return;
        }
        const targets = source.map(({ uuid: from }) => map[from] ?? from);
        assert.equal(new Set(targets).size, source.length);
        source.forEach(({ name }, n) => assert.equal(here.find((one) => one.uuid === targets[n])?.name, name));
      }),
      { seed: Number(process.env['GRIT_SEED'] ?? 7), numRuns: 300 },
    );
  });
});

describe('gpuMap in grit.yaml', () => {
  it('is refused where a pair is none, and the pair is named', () => {
    for (const text of ['', 'GPU-1=GPU-2', uuid(1), `${uuid(1)}=${uuid(2)}=${uuid(3)}`, `${uuid(1)}=${uuid(2)},`]) {
      assert.match(
        refusal(() => parseMap(text)),
        /^GRIT_CONFIG_INVALID: gpuMap: "/,
        text,
      );
    }
  });
});
