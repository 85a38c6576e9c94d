import { EventEmitter } from 'node:events';
import type { OwnerId } from '@typedo/contract';

/** Stands for one wake-up of one owner, for those who were woken by it. */
export interface WakeUp {
  /** For what may have been changed long before. */
  isLate: boolean;
}

/**
 * Tells who waits for changes of an owner that there may be some. It carries no change: whoever is
 * woken looks into the log, so that a wake-up that is lost delays, and loses nothing.
 */
export interface WakeUps {
  wake(ownerId: OwnerId): void;
  /** @returns what ends it */
  onWake(ownerId: OwnerId, listener: (wakeUp: WakeUp) => void): () => void;
}

/** Wake-ups of one process, all of whose listeners are known. */
export interface LocalWakeUps extends WakeUps {
  /**
   * Wakes all who listen here, for when others' wake-ups may have been lost: each owner at some moment
   * within so many milliseconds, so that they do not all ask the database at once.
   */
  wakeAll(withinMs: number): void;
}

/** Wake-ups within this process. */
export function createWakeUps(): LocalWakeUps {
  const emitter = new EventEmitter().setMaxListeners(0);
  return {
    wake(ownerId) {
      emitter.emit(ownerId, { isLate: false });
    },
    wakeAll(withinMs) {
      for (const ownerId of emitter.eventNames()) {
        setTimeout(() => emitter.emit(ownerId, { isLate: true }), Math.random() * withinMs).unref();
      }
    },
    onWake(ownerId, listener) {
      emitter.on(ownerId, listener);
      return () => emitter.off(ownerId, listener);
    },
  };
}
