import { setImmediate as immediate, setTimeout as wait } from 'node:timers/promises';

/** How long after PostgreSQL answered it is asked again, while anything is asked of it. */
const intervalMs = 250;
/** How long it may answer nobody before it is taken to be away: so many beats of so long. */
const beats = 9;
const beatMs = 200;
/** How often in a row it refuses, and answers nobody, before those who wait are told. */
const refusals = 6;
/** How long who asks whether it is there waits to be told. */
const shortPatienceMs = 500;

/** PostgreSQL did not answer when it was last asked. */
export class DatabaseAwayError extends Error {
  override readonly name = 'DatabaseAwayError';

  constructor() {
    super('PostgreSQL does not answer.');
  }
}

/** What {@link DatabaseWatch} looks after. */
export interface Watched {
  /** Asks for something that PostgreSQL answers at once, on a connection of its own. */
  ask(): Promise<unknown>;
  /** Whether a connection is in use or waited for. */
  isInUse(): boolean;
  /** How many answers came so far, to whatever was asked. */
  answers(): number;
  /** PostgreSQL answers, which it is asked again and again while it is in use. */
  onAnswer(): void;
  /** It began to fail. */
  onAway(error: DatabaseAwayError): void;
  /** It answers nobody, also not those who wait since before. */
  onSilence(error: DatabaseAwayError): void;
}

/**
 * Asks PostgreSQL whether it is there while something waits for it, and until it is back where it is
 * not; while nobody calls it asks nothing, so that a server that sleeps when idle can.
 */
export class DatabaseWatch {
  readonly #watched: Watched;
  #isAway = false;
  #heard = 0;
  #refused = 0;
  #lookedAt = -Infinity;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /**
   * Looks after whoever is about to use a connection.
   *
   * @throws DatabaseAwayError at once, where a new one would be waited for in vain
   */
  admit(isConnected: boolean): void {
    if (this.#isAway && !isConnected) throw new DatabaseAwayError();
    this.#begin();
  }

  /** Whether PostgreSQL answers, or did a moment ago. */
  async isThere(): Promise<boolean> {
    if (this.#isAway) return false;
    if (performance.now() - this.#lookedAt < intervalMs) return true;
    const heard = this.#watched.answers();
    const look = this.#look().then(() => !this.#isAway);
    const isFound = await Promise.race([look, wait(shortPatienceMs, undefined, { ref: false })]);
    // At a pooler the question may wait for its turn while others are answered.
    return isFound ?? this.#watched.answers() > heard;
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #begin(): void {
    if (this.#isOver) return;
    this.#timer ??= setTimeout(() => void this.#look(), intervalMs).unref();
  }

  #look(): Promise<void> {
    this.#looking ??= this.#judge().finally(() => {
      this.#looking = undefined;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (this.#isAway || this.#watched.isInUse()) this.#begin();
    });
    return this.#looking;
  }

  async #judge(): Promise<void> {
    const silence = new AbortController();
    const answer = this.#watched.ask().then(
      () => 'there' as const,
      () => 'refused' as const,
    );
    const found = await Promise.race([answer, this.#silence(silence.signal)]);
    silence.abort();
    // Others may have been answered, too, while this process had something else to do.
    await immediate();
    if (this.#isOver) return;
    this.#lookedAt = performance.now();
    const wasAway = this.#isAway;
    this.#isAway = found !== 'there';
    if (found === 'there') return this.#watched.onAnswer();
    const error = new DatabaseAwayError();
    if (!wasAway) this.#watched.onAway(error);
    // A pooler may refuse who comes, and let those who came before wait for minutes.
    const answers = this.#watched.answers();
    this.#refused = wasAway && answers === this.#heard ? this.#refused + 1 : 1;
    this.#heard = answers;
    if (found === 'silent' || this.#refused >= refusals) this.#watched.onSilence(error);
  }

  /**
   * Resolves when nobody was answered for the whole patience, on no connection: a pooler may let the
   * question wait for its turn while it serves others. Counted in beats that this process was there
   * for, because the machine may have stood still, and PostgreSQL with it.
   */
  async #silence(signal: AbortSignal): Promise<'silent'> {
    let heard = this.#watched.answers();
    let silent = 0;
    while (silent < beats && !signal.aborted) {
      await wait(beatMs, undefined, { ref: false });
      // What was answered meanwhile is read first.
      await immediate();
      const answers = this.#watched.answers();
      silent = answers === heard ? silent + 1 : 0;
      heard = answers;
    }
    return 'silent';
  }
}
