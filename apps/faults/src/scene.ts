import { manifest } from '@typedo/api';
import { createClient, type TypedoClient } from '@typedo/client';
import type { Figure } from '../../../scripts/figures.ts';
import { createRandom, Markers, type Random } from '../../../scripts/testing/markers.ts';
import { callerOf, newUser, type User } from '../../../scripts/testing/users.ts';
import type { Stack } from './stack.ts';

/** A user, and the client that a program of theirs has. */
export interface Person extends User {
  client: TypedoClient;
}

/** What the parts have in common. */
export interface Scene {
  stack: Stack;
  isFull: boolean;
  random: Random;
  markers: Markers;
  newPerson(): Promise<Person>;
  newPeople(count: number): Promise<Person[]>;
  /** A figure that hangs on how fast the machine is: it decides in a full run alone. */
  timed(figure: Figure): Figure;
}

export function createScene(stack: Stack, options: { seed: number; isFull: boolean }): Scene {
  const { seed, isFull } = options;
  const { url } = stack;
  const random = createRandom(seed);
  const markers = new Markers();
  const call = callerOf(url, manifest);
  let count = 0;
  const newPerson = async (): Promise<Person> => {
    count += 1;
    const user = await newUser(url, `user ${count}`, { markers, random, call });
    const fetchAs: typeof fetch = (input, init) => {
      const headers = new Headers(init?.headers);
      for (const [name, value] of Object.entries(user.headers)) headers.set(name, value);
      return fetch(input, { ...init, headers });
    };
    const auth = { session: user.session };
    return { ...user, client: createClient({ url, auth, fetch: fetchAs }) };
  };
  return {
    stack,
    isFull,
    random,
    markers,
    newPerson,
    newPeople: (many) => Promise.all(Array.from({ length: many }, newPerson)),
    timed: (figure) =>
      isFull ? figure : { ...figure, goal: `${figure.goal} in a full run`, isMet: true },
  };
}
