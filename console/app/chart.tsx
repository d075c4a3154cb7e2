/** Lines over time, by uPlot; the same figures in words for who cannot see them. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { OverTime } from '../views/figures.ts';

const HEIGHT = 220;
const COLOURS: Readonly<Record<string, string>> = {
  allow: '--good',
  deny: '--bad',
  rejected: '--warn',
  require_approval: '--accent',
};

/** Seconds between two marks. */
const TIMES = [1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400];
/** `14:03`, with seconds where it is between two minutes; midnight is a day. UTC, as everything of the ledger. */
function label(seconds: number): string {
  const [day = '', time = ''] = new Date(seconds * 1000).toISOString().split(/[TZ.]/);
  if (time === '00:00:00') return day.slice(5);
  return time.endsWith(':00') ? time.slice(0, 5) : time;
}

export function Chart({ of: { at, lines } }: { readonly of: OverTime }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = place;
    if (current === null) return;
    const style = getComputedStyle(current);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--quiet'),
      grid: { stroke: colour('--line') },
      ticks: { stroke: colour('--line') },
    };
    const names = Object.keys(lines);
    const plot = new uPlot(
      {
        width: current.clientWidth,
        height: HEIGHT,
        cursor: { show: false },
        legend: { show: false },
        scales: { y: { range: (_, __, most) => [0, Math.max(1, most)] } },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
        axes: [
          { ...axis, incrs: TIMES, values: (_, seconds) => seconds.map(label) },
          { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
        ],
        series: [
          {},
          ...names.map((name) => ({
            label: name,
            stroke: colour(COLOURS[name] ?? '--ink'),
            width: 2,
            points: { show: at.length < 3 },
          })),
        ],
      },
      [[...at], ...names.map((name) => [...(lines[name] ?? [])])],
      current,
    );
    const watcher = new ResizeObserver(() => plot.setSize({ width: current.clientWidth, height: HEIGHT }));
    watcher.observe(current);
    return () => {
      watcher.disconnect();
      plot.destroy();
    };
  }, [at, lines]);
  const sums = Object.entries(lines).map(([name, counts]) => ({
    name,
    sum: counts.reduce((sum, count) => sum + count, 0),
  }));
  return (
    <figure>
      <div ref={place} class="plot" aria-hidden="true" />
      <figcaption>
        {sums.map(({ name, sum }) => (
          <span key={name} class={`legend ${name}`}>
            {name.replaceAll('_', ' ')}: {sum}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
