/** One group of bars, such as a case; a value is absent where there is none. */
export interface Group {
  label: string;
  bars: ({ value: number; least?: number; most?: number } | undefined)[];
}

const colors = ['#8c8c8c', '#0b6bcb', '#e08e0b', '#2f9e6e'];
const width = 960;
const plotHeight = 260;
const margin = { top: 64, right: 16, bottom: 40, left: 56 };

const shown = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const round = (value: number): string => value.toFixed(1);

/** Steps of 1, 2 or 5 by a power of ten, about five up to the most. */
function ticks(most: number): number[] {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, n) => n * step);
}

/** Bars in groups, with a line from the least to the most of each, as SVG. */
export function barChart(chart: {
  title: string;
  unit: string;
  series: readonly string[];
  groups: Group[];
}): string {
  const { title, unit, series, groups } = chart;
  const bars = groups.flatMap((group) => group.bars).filter((bar) => bar !== undefined);
  // Without any bar there is nothing to be tall beside.
  const most = (Math.max(...bars.map(({ value, most = value }) => most), 0) || 1) * 1.08;
  const height = margin.top + plotHeight + margin.bottom;
  const y = (value: number): number => margin.top + plotHeight * (1 - value / most);
  const groupWidth = (width - margin.left - margin.right) / groups.length;
  const barWidth = (groupWidth * 0.84) / series.length;
  const text = (x: number, at: number, words: string, attributes = ''): string =>
    `<text x="${round(x)}" y="${round(at)}" ${attributes}>${escaped(words)}</text>`;
  const middle = 'text-anchor="middle"';

  const axis = ticks(most).flatMap((tick) => [
    `<line x1="${margin.left}" x2="${width - margin.right}" y1="${round(y(tick))}" y2="${round(y(tick))}" stroke="#ddd"/>`,
    text(margin.left - 6, y(tick) + 4, String(Number(tick.toPrecision(6))), 'text-anchor="end"'),
  ]);
  const legend = series.flatMap((name, n) => [
    `<rect x="${margin.left + n * 110}" y="34" width="12" height="12" fill="${colors[n]}"/>`,
    text(margin.left + n * 110 + 18, 44, name),
  ]);
  const drawn = groups.flatMap(({ label, bars }, g) => {
    const left = margin.left + g * groupWidth + groupWidth * 0.08;
    return [
      text(left + (groupWidth * 0.84) / 2, height - margin.bottom + 18, label, middle),
      ...bars.flatMap((bar, n) => {
        if (!bar) return [];
        const { value, least = value, most = value } = bar;
        const x = left + n * barWidth;
        const center = round(x + barWidth / 2);
        return [
          `<rect x="${round(x + 0.5)}" y="${round(y(value))}" width="${round(barWidth - 1)}" height="${round(plotHeight + margin.top - y(value))}" fill="${colors[n]}"/>`,
          `<line x1="${center}" x2="${center}" y1="${round(y(least))}" y2="${round(y(most))}" stroke="#222"/>`,
          text(x + barWidth / 2, y(most) - 4, shown(value), `${middle} font-size="9"`),
        ];
      }),
    ];
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(margin.left, 22, `${title}, ${unit}`, 'font-size="15" font-weight="bold"'),
    ...legend,
    ...axis,
    ...drawn,
    '</svg>',
  ].join('\n')}\n`;
}
