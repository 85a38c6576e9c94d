import type { IncomingMessage, ServerResponse } from 'node:http';
import { ROOT_CONTEXT, SpanKind, trace, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { z } from 'zod';

const maxBytes = 8192;
/** Of all browsers together. */
const reportsPerSecond = 20;
/** How long ago what is told may have been: an action ends with its last call. */
const maxAgeMs = 600_000;
/** How long the collector has when the server stops. */
const lastExportMs = 500;

const spanFields = {
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  // By the browser's clock it would be anywhen.
  beganMsAgo: z.number().min(0).max(maxAgeMs),
  endedMsAgo: z.number().min(0).max(maxAgeMs),
};
/** What a user did, and the calls that this made; nothing of what it was about. */
const reportSchema = z.strictObject({
  ...spanFields,
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  name: z.enum(['click', 'keydown']),
  calls: z.array(z.strictObject({ ...spanFields, name: z.enum(['GET', 'POST']) })).max(30),
});
type Report = z.infer<typeof reportSchema>;

/** What a browser tells of its part in a trace. */
export type BrowserSpansReport = z.input<typeof reportSchema>;

/** A body of JSON; undefined where it is none, or too long. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  // Another type, which pages of others may send without asking, is nobody's here.
  if (request.headers['content-type'] !== 'application/json') return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}

/** Passes on to the collector at `endpoint` what browsers tell, who cannot reach it themselves. */
export function createBrowserSpans(endpoint: string) {
  // Whatever span is begun next has these.
  let ids = { traceId: '', spanId: '' };
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'typedo-browser' }),
    idGenerator: { generateTraceId: () => ids.traceId, generateSpanId: () => ids.spanId },
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
  });
  const tracer = provider.getTracer('typedo-browser');

  const pass = ({ traceId, calls, ...action }: Report): void => {
    const now = Date.now();
    const tell = (
      {
        spanId,
        name,
        beganMsAgo,
        endedMsAgo,
      }: Omit<Report, 'traceId' | 'calls' | 'name'> & {
        name: string;
      },
      kind: SpanKind,
      parent = ROOT_CONTEXT,
    ): void => {
      ids = { traceId, spanId };
      const span = tracer.startSpan(name, { kind, startTime: now - beganMsAgo }, parent);
      span.end(now - Math.min(beganMsAgo, endedMsAgo));
    };
    tell(action, SpanKind.INTERNAL);
    const parent = { traceId, spanId: action.spanId, traceFlags: TraceFlags.SAMPLED };
    for (const call of calls) {
      tell(call, SpanKind.CLIENT, trace.setSpanContext(ROOT_CONTEXT, parent));
    }
  };

  let second = 0;
  let reports = 0;
  const isTooMany = (): boolean => {
    const now = Math.floor(performance.now() / 1000);
    reports = now === second ? reports + 1 : 1;
    second = now;
    return reports > reportsPerSecond;
  };
  const statusOf = async (request: IncomingMessage): Promise<number> => {
    if (request.method !== 'POST') return 405;
    if (isTooMany()) return 429;
    const report = reportSchema.safeParse(await readJson(request));
    if (report.success) pass(report.data);
    return report.success ? 204 : 400;
  };

  return {
    async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
      // Who goes away in the middle of it is not answered.
      const status = await statusOf(request).catch(() => 400);
      response.writeHead(status, { 'cache-control': 'no-store' }).end();
    },
    /** Sends what is still to be sent, if it is taken soon. */
    async close(): Promise<void> {
      const sent = provider.shutdown().catch(() => {});
      await Promise.race([
        sent,
        new Promise((resolve) => setTimeout(resolve, lastExportMs).unref()),
      ]);
    },
  };
}
