// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { bind, buildContainer } from '../../src/container/build-container.js';
import { createToken } from '../../src/container/token.js';

const NUMBER = createToken<{ readonly value: number }>('Number');
const TEXT = createToken<string>('Text');
const NONE = createToken<null>('None');

describe('buildContainer', () => {
  it('makes each component once, when it is asked for', () => {
    let made = 0;
    const container = buildContainer([
      bind(TEXT, ({ get }) => `number ${get(NUMBER).value}`),
      bind(NUMBER, () => {
        made += 1;
        return { value: made };
      }),
      bind(NONE, () => {
        made += 100;
        return null;
      }),
    ]);
    assert.equal(made, 0);
    assert.equal(container.get(TEXT), 'number 1');
    assert.equal(container.get(NUMBER), container.get(NUMBER));
    assert.equal(container.get(NONE), null);
    assert.equal(container.get(NONE), null);
    assert.equal(made, 101);
  });

  it('keeps containers apart', () => {
    const make = () => buildContainer([bind(NUMBER, () => ({ value: 1 }))]);
    assert.notEqual(make().get(NUMBER), make().get(NUMBER));
  });

  it('names what is missing and what goes in a circle', () => {
    const container = buildContainer([
      bind(TEXT, ({ get }) => String(get(NONE))),
      bind(NONE, ({ get }) => {
        get(TEXT);
        return null;
      }),
    ]);
    assert.throws(() => container.get(TEXT), /components need each other in a circle: Text → None → Text/);
    assert.throws(() => container.get(NUMBER), { code: 'GRIT_INTERNAL', message: 'no component is bound to: Number' });
  });
});
