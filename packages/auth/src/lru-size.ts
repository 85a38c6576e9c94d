/**
 * How a cache is bounded that is seldom full: up to `entries`, with room taken as they come. By `max` it
 * would be taken for all at once (https://github.com/isaacs/node-lru-cache#max).
 */
export const upTo = (entries: number) => ({ maxSize: entries, sizeCalculation: () => 1 });
