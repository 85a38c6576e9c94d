/** Numbers that look random and that a seed decides: mulberry32. */
export interface Random {
  /** A whole number from 0 up to `end`. */
  below(end: number): number;
  pick<Item>(items: readonly Item[]): Item;
  hex(digits: number): string;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    below,
    pick<Item>(items: readonly Item[]): Item {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('There is nothing to pick from.');
      return item;
    },
    hex: (digits) => Array.from({ length: digits }, () => below(16).toString(16)).join(''),
  };
}

const digits = 12;

/** The service gave one thing to two users. */
export class MixedUpError extends Error {
  override readonly name = 'MixedUpError';
}

/**
 * Whose a string is: each user's texts and ids have a marker in them, of as many hexadecimal digits
 * as the last group of a UUID.
 */
export class Markers {
  readonly #names = new Map<string, string>();

  /** Makes the marker of a user. */
  create(name: string, random: Random): string {
    return this.add(name, random.hex(digits));
  }

  /** Takes the last digits of what the service made for a user, an id or a secret, as a marker too. */
  add(name: string, made: string): string {
    const marker = made.slice(-digits);
    const other = this.#names.get(marker);
    if (other !== undefined && other !== name) {
      throw new MixedUpError(`${name} was given ${made}, which is of ${other}.`);
    }
    this.#names.set(marker, name);
    return marker;
  }

  /** The users, beside the one named, whose markers are in a text. */
  others(text: string, name?: string): string[] {
    const found = new Set<string>();
    for (const [, run = ''] of text.matchAll(/(?=([0-9a-f]{12}))/g)) {
      const owner = this.#names.get(run);
      if (owner !== undefined && owner !== name) found.add(owner);
    }
    return [...found];
  }

  /** What a line of the log has of users, in a sentence; of its path, which is what a caller sent, nothing. */
  inLog(line: string): string[] {
    const others = this.others(line.replace(/"path":"[^"]*"/, ''));
    return others.length > 0 ? [`the log has something of ${others.join(', ')}: ${line}`] : [];
  }
}

/** The nth id that a user with this marker makes: a UUIDv7. */
export function markedId(marker: string, n: number): string {
  const time = (0x0199c2d40000 + n).toString(16).padStart(digits, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${marker}`;
}

/** An id that nobody has, and that sorts where this one does. */
export const twinOf = (id: string): string =>
  id.slice(0, -1) + (Number.parseInt(id.slice(-1), 16) ^ 1).toString(16);

/** A text with what is encoded in it, such as a cursor, written out. */
export const writtenOut = (text: string): string =>
  text.replaceAll(/[\w-]{16,}/g, (run) => {
    const decoded = Buffer.from(run, 'base64url').toString();
    return /^(\["|\{")/.test(decoded) ? decoded : run;
  });
