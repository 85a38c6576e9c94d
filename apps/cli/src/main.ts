#!/usr/bin/env node
import module from 'node:module';
import { readEnv } from './env.ts';

// A third of the time to start is compiling; Node 20 has no cache for it.
module.enableCompileCache?.(readEnv().cacheDir);
await import('./typedo.ts');
