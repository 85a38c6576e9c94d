/**
 * How many calls are under way at once. More would be done no sooner: they would wait for a connection,
 * and what each had made until then be copied by every collection. Of a thousand at once, each costs
 * half as much again without it.
 */
const atOnce = 32;
/** About how long a call may take with its wait, for which it is let in at all. */
const longestMs = 800;
/** Of how many calls, the latest, it is known how long they took, and how far apart they end at least. */
const callsKnown = 64;
const apartMs = 10;

/** Has calls begin in the order they came, so many at once. */
export class CallQueue {
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;
  #isHeld = false;
  /** When one that waited began, or the first began to wait. */
  #movedAt = 0;
  /** How long calls took, those that ended last. */
  readonly #tookMs: number[] = [];
  #notedAt = 0;
  #usualMs = 0;

  /** Runs a call when its turn has come. */
  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#isFull) await this.#turn();
    else this.#underWay += 1;
    const begunAt = performance.now();
    try {
      return await call();
    } finally {
      this.#underWay -= 1;
      this.#note(begunAt, performance.now());
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

  /**
   * Whether a call that comes now would take too long: by how long others did, or because none begins.
   * Not by the mean, since the first of a thousand that come at once take long.
   */
  get isTooLong(): boolean {
    if (this.length === 0) return false;
    const expectedMs = ((this.length + this.#underWay) / atOnce) * this.#usualMs;
    return Math.max(expectedMs, performance.now() - this.#movedAt) > longestMs;
  }

  get #isFull(): boolean {
    return this.#isHeld || this.#underWay >= atOnce;
  }

  #turn(): Promise<void> {
    if (this.length === 0) this.#movedAt = performance.now();
    return new Promise((begin) => void this.#waiting.push(begin));
  }

  #note(begunAt: number, endedAt: number): void {
    // A collection makes all calls long that are under way, which end together.
    if (endedAt < this.#notedAt + apartMs) return;
    this.#notedAt = endedAt;
    this.#tookMs.push(endedAt - begunAt);
    if (this.#tookMs.length < callsKnown) return;
    this.#usualMs = this.#tookMs.toSorted((a, b) => a - b)[callsKnown / 2] ?? 0;
    this.#tookMs.shift();
  }

  #goOn(): void {
    while (!this.#isFull) {
      const begin = this.#waiting.shift();
      if (!begin) return;
      this.#underWay += 1;
      this.#movedAt = performance.now();
      begin();
    }
  }
}
