import type { RouterDescription } from '../src/description.ts';

/** What the host's script may have set. */
interface Host {
  /** The headers of each call. */
  headers?: () => Promise<Record<string, string>> | Record<string, string>;
  transformer?: { serialize(value: unknown): unknown; deserialize(value: unknown): unknown };
}

declare global {
  interface Window {
    trpcPanel?: Host;
  }
}

export const host: Host = window.trpcPanel ?? {};

/** The router that this page is about. */
export const router = JSON.parse(
  document.querySelector('#description')?.textContent ?? '{}',
) as RouterDescription;

/** The address that calls go to, whole. */
export const routerUrl: string = new URL(router.url, location.href).href.replace(/\/$/, '');
