/**
 * How many calls are under way at once. More would be done no sooner: they would wait for a connection,
 * and what each had made until then be copied by every collection. Of a thousand at once, each costs
 * half as much again without it.
 */
const atOnce = 32;
/** About how long a call may have to wait for its turn, for which it is let in at all. */
const longestWaitMs = 1200;
/** Of how many turns, the latest, it is known how fast they come. */
const turnsKnown = 64;

/** Has calls begin in the order they came, so many at once. */
export class CallQueue {
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;
  #isHeld = false;
  /** When those began that waited, since somebody does. */
  #begun: number[] = [];

  /** Runs a call when its turn has come. */
  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#isFull) await this.#turn();
    else this.#underWay += 1;
    try {
      return await call();
    } finally {
      this.#underWay -= 1;
      this.#goOn();
    }
  }

  /** Begins no call until `resume`. */
  hold(): void {
    this.#isHeld = true;
  }

  resume(): void {
    this.#isHeld = false;
    this.#goOn();
  }

  /** How many calls wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Whether a call that comes now would wait too long, by how those before it began. */
  get isTooLong(): boolean {
    if (this.length === 0) return false;
    const now = performance.now();
    const since = (at: number): number => now - (this.#begun.at(at) ?? now);
    const isPaceKnown = this.#begun.length === turnsKnown;
    const expected = isPaceKnown ? (this.length * since(0)) / turnsKnown : 0;
    return Math.max(expected, since(-1)) > longestWaitMs;
  }

  get #isFull(): boolean {
    return this.#isHeld || this.#underWay >= atOnce;
  }

  #turn(): Promise<void> {
    if (this.length === 0) this.#begun = [performance.now()];
    return new Promise((begin) => void this.#waiting.push(begin));
  }

  #goOn(): void {
    while (!this.#isFull) {
      const begin = this.#waiting.shift();
      if (!begin) return;
      this.#underWay += 1;
      this.#begun.push(performance.now());
      if (this.#begun.length > turnsKnown) this.#begun.shift();
      begin();
    }
  }
}
