import { limits } from '@typedo/contract';

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Keys that would reach a prototype wherever an object is copied by assignment. */
const reachesPrototype = (value: object): boolean => {
  if (Object.hasOwn(value, '__proto__')) return true;
  const constructor: unknown = Object.hasOwn(value, 'constructor') && value.constructor;
  return isObject(constructor) && Object.hasOwn(constructor, 'prototype');
};

/**
 * Whether what JSON gave is made to break whoever walks it: deeper than any input is, or with the
 * keys of a prototype. Level by level, so that no depth breaks this itself.
 */
export function isHostileJson(value: unknown): boolean {
  let level = [value].filter(isObject);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > limits.jsonDepth || level.some(reachesPrototype)) return true;
    level = level.flatMap((one) => Object.values(one).filter(isObject));
  }
  return false;
}
