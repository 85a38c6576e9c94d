/** Where the web server reaches the API. The browser never does: it calls this server's own `/api`. */
export const apiUrl = process.env.API_URL || `http://127.0.0.1:${process.env.PORT || 4000}`;

/** Whether newcomers may make a throw-away user with sample tasks by one click. */
export const canTry = process.env.TYPEDO_TRY === '1';

/** Whether browsers have their calls be part of traces. */
export const isTraced = !!process.env.OTEL_EXPORTER_OTLP_ENDPOINT;

/** `next dev`, whose scripts are made by eval. */
export const isDevelopment = process.env.NODE_ENV === 'development';
