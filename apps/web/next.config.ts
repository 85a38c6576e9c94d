import { join } from 'node:path';
import type { NextConfig } from 'next';
import { PHASE_PRODUCTION_BUILD } from 'next/constants.js';

const root = join(import.meta.dirname, '../..');

export default (phase: string): NextConfig => ({
  // For pack.ts, which leaves out what makes images smaller: there are none. Next warns of it at each
  // start that is not from there.
  ...(phase === PHASE_PRODUCTION_BUILD && { output: 'standalone' }),
  images: { unoptimized: true, maximumDiskCacheSize: 0 },
  outputFileTracingRoot: root,
  turbopack: { root },
  poweredByHeader: false,
  devIndicators: false,
  // A place that was seen a moment ago shows at once; its tasks are the cache's and up to date.
  experimental: { staleTimes: { dynamic: 30 } },
});
