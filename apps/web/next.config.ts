import { join } from 'node:path';
import type { NextConfig } from 'next';

const root = join(import.meta.dirname, '../..');

export default {
  outputFileTracingRoot: root,
  turbopack: { root },
  poweredByHeader: false,
  devIndicators: false,
  // A place that was seen a moment ago shows at once; its tasks are the cache's and up to date.
  experimental: { staleTimes: { dynamic: 30 } },
} satisfies NextConfig;
