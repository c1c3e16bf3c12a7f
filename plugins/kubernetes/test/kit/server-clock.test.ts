// SPDX-License-Identifier: Apache-2.0
import { equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { ServerClock } from '../../src/kit/server-clock.js';

const SEED = Number(process.env['GRIT_SEED'] ?? 20_261_128);
const START = Date.parse('2026-11-28T04:00:00.400Z');

/** A server, and a process whose own clock and monotonic time have nothing to do with the server's. */
class World {
  serverTime = START;
  #monotonic = 77_000;
  readonly clock: ServerClock;

  constructor(skewMs: number) {
    this.clock = new ServerClock(
      () => this.#monotonic,
      () => this.serverTime + skewMs,
    );
  }

  pass(ms: number): void {
    this.serverTime += ms;
    this.#monotonic += ms;
  }

  /** One call: so long to the server, and so long back. */
  call(thereMs: number, backMs: number): void {
    const sentAt = this.#monotonic;
    this.pass(thereMs);
    const date = new Date(this.serverTime).toUTCString();
    this.pass(backMs);
    this.clock.heard(date, sentAt);
  }

  get aheadMs(): number {
    return this.clock.now().getTime() - this.serverTime;
  }
}

describe("the API server's clock", () => {
  it('is the own one until the server has said something', () => {
    const world = new World(3_600_000);
    equal(world.aheadMs, 3_600_000);
    world.clock.heard(undefined, 0);
    world.clock.heard('soon', 0);
    equal(world.aheadMs, 3_600_000);
    world.call(1, 1);
    ok(Math.abs(world.aheadMs) <= 1_001);
  });

  it('goes on between answers', () => {
    const world = new World(0);
    world.call(0, 0);
    const before = world.clock.now().getTime();
    world.pass(600_000);
    equal(world.clock.now().getTime() - before, 600_000);
  });

  it('is never ahead, and behind by no more than a second and the quickest answer, however wrong the own clock is', () => {
    const ways = fc.array(fc.tuple(fc.nat(20_000), fc.nat(20_000), fc.nat(5_000)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.integer({ min: -1e10, max: 1e10 }), ways, (skewMs, calls) => {
        const world = new World(skewMs);
        let quickest = Infinity;
        for (const [thereMs, backMs, pauseMs] of calls) {
          world.call(thereMs, backMs);
          quickest = Math.min(quickest, backMs);
          world.pass(pauseMs);
          ok(world.aheadMs <= 0, 'ahead of the server');
          ok(world.aheadMs >= -1_000 - quickest, `behind by ${-world.aheadMs} ms`);
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('follows a server whose clock is put forward or back', () => {
    for (const stepMs of [3_600_000, -3_600_000]) {
      const world = new World(0);
      world.call(5, 5);
      world.serverTime += stepMs;
      world.call(5, 5);
      ok(Math.abs(world.aheadMs) <= 1_005);
    }
  });
});
