import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import {
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { ExportResultCode, parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { EndedCall, Observer } from '@typedo/api';
import { errors } from '@typedo/contract';
import type { TraceStatement } from '@typedo/db';
import type { FastifyBaseLogger } from 'fastify';
import server from '../package.json' with { type: 'json' };

/** A request, as part of a trace. */
export interface RequestTrace {
  id: string;
  /** What to answer of it, in the form of `traceparent`; undefined where it is not sampled. */
  traceresponse: string | undefined;
  /** Has what `work` leads to be part of it. */
  run(work: () => void): void;
  end(request: { id: string; route: string; status: number }): void;
}

/**
 * What is done for calls, as spans that a collector gets. They hold what the code itself names (routes,
 * procedures, codes of errors, statements without their values) and nothing that a caller sent but the
 * trace's own id.
 */
export interface Tracing {
  /** A request begins, maybe as part of its caller's trace. */
  request(method: string, traceparent: string | string[] | undefined): RequestTrace;
  call: NonNullable<Observer['trace']>;
  /** The call at hand ended so. */
  ended(call: EndedCall): void;
  statement: TraceStatement;
  /** Sends what is still to be sent, if it is taken soon. */
  close(): Promise<void>;
}

/** How many traces begin in a second at most, whoever asks for more. */
const tracesPerSecond = 100;
/** How long the collector may take to take what it is sent, and when the server stops. */
const exportMs = 10_000;
const lastExportMs = 3000;
const longestText = 2000;

/** A share of the traces, and not too many. What a caller wants sampled is one as any other. */
const sampler = (ratio: number): Sampler => {
  const share = new TraceIdRatioBasedSampler(ratio);
  let second = 0;
  let begun = 0;
  const bounded: Sampler = {
    shouldSample(context, traceId) {
      const chosen = share.shouldSample(context, traceId);
      if (chosen.decision === SamplingDecision.NOT_RECORD) return chosen;
      const now = Math.floor(performance.now() / 1000);
      begun = now === second ? begun + 1 : 1;
      second = now;
      return begun > tracesPerSecond ? { decision: SamplingDecision.NOT_RECORD } : chosen;
    },
    toString: () => `${share.toString()}, ${tracesPerSecond} a second`,
  };
  return new ParentBasedSampler({ root: bounded, remoteParentSampled: bounded });
};

/** Says once when the collector stops taking spans, and once when it does so again. */
const outspoken = (exporter: SpanExporter, log: FastifyBaseLogger): SpanExporter => {
  let isLost = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const wasLost = isLost;
        isLost = result.code !== ExportResultCode.SUCCESS;
        if (isLost && !wasLost) {
          log.warn({ err: result.error }, 'the collector does not take traces: they are dropped');
        }
        if (wasLost && !isLost) log.info('the collector takes traces again');
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
};

const fail = (span: Span, type: string, isOurs: boolean): void => {
  span.setAttribute('error.type', type);
  if (isOurs) span.setStatus({ code: SpanStatusCode.ERROR });
};

/** A code where there is one, and never the message, which may quote a value. */
const typeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};

/** Sends traces to the collector at `endpoint`, by OTLP over HTTP. */
export function createTracing(options: {
  endpoint: string;
  /** Which share of the traces, from 0 to 1. */
  ratio: number;
  log: FastifyBaseLogger;
}): Tracing {
  const url = `${options.endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = outspoken(new OTLPTraceExporter({ url, timeoutMillis: exportMs }), options.log);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'typedo',
      'service.version': server.version,
    }),
    sampler: sampler(options.ratio),
    spanLimits: { attributeValueLengthLimit: longestText },
    // Its queue is bounded: what is too much is dropped.
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('typedo');

  const current = new AsyncLocalStorage<Span>();
  /** Runs what is part of the span at hand as a span of its own, where there is one to be part of. */
  const below = async <Outcome>(
    name: string,
    spanOptions: SpanOptions,
    run: (span?: Span) => Promise<Outcome>,
  ): Promise<Outcome> => {
    const parent = current.getStore();
    if (!parent?.isRecording()) return run();
    const span = tracer.startSpan(name, spanOptions, trace.setSpan(ROOT_CONTEXT, parent));
    try {
      return await run(span);
    } catch (error) {
      fail(span, typeOf(error), true);
      throw error;
    } finally {
      span.end();
    }
  };

  return {
    request(method, traceparent) {
      const caller = typeof traceparent === 'string' ? parseTraceParent(traceparent) : null;
      const parent =
        caller && isSpanContextValid(caller)
          ? trace.setSpanContext(ROOT_CONTEXT, { ...caller, isRemote: true })
          : ROOT_CONTEXT;
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER }, parent);
      const { traceId, spanId, traceFlags } = span.spanContext();
      const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
      return {
        id: traceId,
        traceresponse: isSampled ? `00-${traceId}-${spanId}-01` : undefined,
        run(work) {
          if (isSampled) current.run(span, work);
          else work();
        },
        end({ id, route, status }) {
          span.updateName(`${method} ${route}`);
          span.setAttributes({
            'http.request.method': method,
            'http.route': route,
            'http.response.status_code': status,
            'typedo.request_id': id,
          });
          if (status >= 400) fail(span, String(status), status >= 500);
          span.end();
        },
      };
    },
    call: ({ path, face }, run) =>
      below(path, { attributes: { 'typedo.face': face } }, (span) =>
        span ? current.run(span, run) : run(),
      ),
    ended({ outcome }) {
      const span = current.getStore();
      span?.setAttribute('typedo.outcome', outcome);
      if (span && outcome !== 'ok') fail(span, outcome, errors[outcome].status >= 500);
    },
    statement(text, run) {
      const operation = /\w+/.exec(text)?.[0].toUpperCase() ?? 'SQL';
      const attributes = {
        'db.system.name': 'postgresql',
        'db.operation.name': operation,
        'db.query.text': text,
      };
      return below(operation, { kind: SpanKind.CLIENT, attributes }, () => run());
    },
    async close() {
      const sent = provider.shutdown().catch(() => {});
      await Promise.race([sent, wait(lastExportMs, undefined, { ref: false })]);
    },
  };
}
