import type { RawRequest } from './request.ts';

/** A load on one server. */
export interface Job {
  /** `closed`: as fast as the connections get answers. `open`: at a rate, whatever the answers do. */
  kind: 'closed' | 'open' | 'fan-out';
  port: number;
  requests: RawRequest[];
  /** At which of the requests it begins. */
  offset: number;
  connections: number;
  seconds: number;
  /** After how many calls a closed load ends before its time. */
  calls: number;
  /** Calls a second, of an open load. */
  rate: number;
  /** Of a fan-out: what opens the streams of a writer, one for each request. */
  streams: RawRequest[];
  streamsEach: number;
}

/** What came of a load. Latencies are in milliseconds. */
export interface Outcome {
  calls: number;
  seconds: number;
  errors: number;
  firstError: string | undefined;
  /** Where the next load goes on. */
  offset: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
}
