// SPDX-License-Identifier: Apache-2.0
import 'reflect-metadata';
import { container as root, instanceCachingFactory, type DependencyContainer } from 'tsyringe';
import { GritError } from '@grit/plugin-api';
import type { Token } from './token.js';

/** What a factory may ask for. */
export interface Resolver {
  /** The one component of this token, made at the first call. Throws GRIT_INTERNAL for a token without a factory. */
  readonly get: <T>(token: Token<T>) => T;
}

/** Says how a component is made. */
export interface Binding<T = unknown> {
  readonly token: Token<T>;
  readonly make: (resolver: Resolver) => T;
}

/** Binds a token to a factory. */
export function bind<T>(token: Token<T>, make: (resolver: Resolver) => NoInfer<T>): Binding {
  return { token, make };
}

/**
 * The components of a process, each made once when it is first asked for. Factories only: no decorators, no classes that
 * the container constructs by itself. Plugins never see it.
 */
export function buildContainer(bindings: readonly Binding[]): Resolver {
  const container = root.createChildContainer();
  const making: symbol[] = [];
  for (const { token, make } of bindings) {
    const once = instanceCachingFactory((inner) => {
      if (making.includes(token.symbol))
        throw internal('components need each other in a circle', [...making, token.symbol]);
      making.push(token.symbol);
      try {
        return { component: make(resolverOf(inner)) };
      } finally {
        making.pop();
      }
    });
    container.register<unknown>(token.symbol, { useFactory: once });
  }
  return resolverOf(container);
}

function resolverOf(container: DependencyContainer): Resolver {
  return {
    get: <T>(token: Token<T>): T => {
      if (!container.isRegistered(token.symbol)) throw internal('no component is bound to', [token.symbol]);
      return container.resolve<{ readonly component: T }>(token.symbol).component;
    },
  };
}

function internal(problem: string, tokens: readonly symbol[]): GritError {
  return new GritError('GRIT_INTERNAL', `${problem}: ${tokens.map((token) => token.description).join(' → ')}`);
}
