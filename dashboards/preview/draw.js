// Runs in the browser, after uPlot and the constant PAGE. One function draws one kind of panel.
'use strict';
{
  const HUES = ['#73bf69', '#5794f2', '#ff9830', '#b877d9', '#f2cc0c', '#8ab8ff', '#ff7383', '#37872d', '#c0d8ff', '#ffb357', '#96d98d', '#ca95e5'];
  const NAMED = {
    fault: '#e02f44', failure: '#e02f44', failed: '#e02f44', deny: '#ff7383', denied: '#ff7383', invalid: '#ff7383', blocked: '#e02f44', dead_letter: '#e02f44',
    CRIMINAL: '#e02f44', BAN: '#ff7383', SUSPENSION: '#ff9830', WARNING: '#f2cc0c', rejected: '#ff9830', require_approval: '#b877d9', client: '#8ab8ff',
    governed: '#b877d9', missing: '#ff9830', stale: '#ff9830', not_whitelisted: '#ff9830', none: '#6e7380', p99: '#ff9830', p95: '#f2cc0c', p50: '#73bf69',
    ok: '#56a64b', success: '#56a64b', allow: '#56a64b', valid: '#56a64b', served: '#56a64b', faults: '#e02f44', met: '#56a64b', unmet: '#e02f44', unknown: '#6e7380', delivered: '#56a64b',
  };
  const COLORS = { green: 'var(--green)', yellow: 'var(--yellow)', red: 'var(--red)', blue: 'var(--blue)' };
  const HEX = { green: '#56a64b', yellow: '#e0a72e', red: '#e02f44', blue: '#5794f2' };

  const trim = (value, digits) => String(Number(value.toPrecision(digits)));
  function time(value) {
    const a = Math.abs(value);
    if (a === 0) return '0 s';
    if (a < 1e-3) return `${trim(value * 1e6, 3)} µs`;
    if (a < 1) return `${trim(value * 1e3, 3)} ms`;
    if (a < 120) return `${trim(value, 3)} s`;
    if (a < 7200) return `${trim(value / 60, 3)} min`;
    return a < 172800 ? `${trim(value / 3600, 3)} h` : `${trim(value / 86400, 3)} d`;
  }
  function short(value) {
    const a = Math.abs(value);
    if (a >= 1e6) return `${trim(value / 1e6, 3)} M`;
    if (a >= 1e4) return `${trim(value / 1e3, 3)} K`;
    return trim(value, a < 1 ? 2 : 4);
  }
  function format(value, unit) {
    if (!Number.isFinite(value)) return '–';
    if (unit === 's') return time(value);
    if (unit === 'percentunit') return `${trim(value * 100, 4)} %`;
    if (unit === 'percent') return `${trim(value, 3)} %`;
    if (unit === 'currencyUSD') return `$${trim(value, 3)}`;
    if (unit === 'ops' || unit === 'reqps') return `${short(value)}/s`;
    if (unit === 'bytes') return `${short(value)} B`;
    return short(value);
  }
  const whole = (value, unit) => format(unit === 'short' ? Math.round(value) : value, unit);
  const hue = (name, index) => NAMED[name] ?? HUES[index % HUES.length];
  const last = (line) => line.values.at(-1)?.[1] ?? Number.NaN;
  function stepAt(steps, value) {
    let color = 'green';
    for (const step of steps) if (step.at === null || value >= step.at) color = step.color;
    return color;
  }
  function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }
  function svg(tag, attributes, ...children) {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }
  function none(body, panel) {
    const hint = panel.aws ? 'From CloudWatch, once deployed on AWS' : 'Nothing of this kind happened in the run';
    body.append(el('div', { class: 'none' }, panel.aws ? 'AWS' : 'No data', el('small', {}, hint)));
  }

  /** A hue at half strength on the panel's ground, opaque: stacked areas must not shine through one another. */
  function dim(hex) {
    const part = (at) => Math.round(0.52 * Number.parseInt(hex.slice(at, at + 2), 16) + 0.48 * 0x1b);
    return `rgb(${part(1)} ${part(3)} ${part(5)})`;
  }

  // ---- lines and bars ----
  function grid(lines) {
    const times = [];
    for (let t = PAGE.from; t <= PAGE.to; t += PAGE.step) times.push(t);
    const columns = lines.map((line) => {
      const column = new Array(times.length).fill(null);
      for (const [at, value] of line.values) {
        const index = Math.round((at - PAGE.from) / PAGE.step);
        if (index >= 0 && index < column.length && Number.isFinite(value)) column[index] = value;
      }
      return column;
    });
    return { times, columns };
  }
  function limits(panel, shown) {
    return panel.steps.filter((step) => step.at !== null && step.at > 1e-6 && step.at <= shown * 2.5);
  }
  function lines(body, panel) {
    const ordered = [...panel.lines].sort((a, b) => a.name.localeCompare(b.name));
    const { times, columns } = grid(ordered);
    const busy = ordered
      .map((line, index) => ({ line, column: columns[index], sum: columns[index].reduce((s, v) => s + (v ?? 0), 0) }))
      .filter((one) => one.sum !== 0 || ordered.length <= 4)
      .sort((a, b) => b.sum - a.sum)
      .slice(0, 12);
    if (busy.length === 0) {
      body.append(el('div', { class: 'none' }, 'None', el('small', {}, 'in this run')));
      return;
    }
    const colors = busy.map(({ line }, index) => hue(line.name, index));
    let drawn = busy.map((one) => one.column);
    if (panel.stack) {
      const floor = new Array(times.length).fill(0);
      drawn = drawn.map((column) => column.map((value, index) => (floor[index] += value ?? 0)));
    }
    const top = Math.max(0, ...drawn.flat().filter((value) => value !== null));
    const steps = limits(panel, top);
    const high = panel.max ?? (top === 0 ? 1 : Math.max(top * 1.08, ...steps.map((step) => step.at * 1.05)));
    const chart = el('div', { class: 'chart' });
    const legend = el('div', { class: 'legend' });
    body.append(chart, legend);
    busy.forEach(({ line }, index) => {
      legend.append(el('span', {}, el('i', { style: `background:${colors[index]}` }), `${line.name || panel.title}`));
    });
    const size = chart.getBoundingClientRect();
    const bars = panel.kind === 'bars';
    const order = panel.stack ? drawn.map((_, index) => drawn.length - 1 - index) : drawn.map((_, index) => index);
    const series = order.map((index) => ({
      stroke: colors[index],
      width: bars ? 0 : 1.6,
      fill: bars ? colors[index] : panel.stack ? dim(colors[index]) : busy.length === 1 ? `${colors[index]}26` : undefined,
      points: { show: false },
      spanGaps: false,
      ...(bars ? { paths: uPlot.paths.bars({ size: [0.7, 12] }) } : {}),
    }));
    const axis = { stroke: '#9298a8', grid: { stroke: '#262932', width: 1 }, ticks: { show: false }, font: '11px "DejaVu Sans"' };
    new uPlot(
      {
        width: Math.floor(size.width),
        height: Math.floor(size.height),
        legend: { show: false },
        cursor: { show: false },
        padding: [6, 6, 0, 0],
        scales: { x: { time: true }, y: { range: [panel.min ?? 0, high] } },
        axes: [
          { ...axis, size: 22, space: 70, values: (_, at) => at.map((t) => new Date(t * 1000).toISOString().slice(11, 19)) },
          { ...axis, size: 62, space: 28, values: (_, at) => at.map((value) => format(value, panel.unit)) },
        ],
        series: [{}, ...series],
        hooks: {
          draw: [
            (plot) => {
              const { ctx, bbox } = plot;
              ctx.save();
              for (const step of steps) {
                const y = plot.valToPos(step.at, 'y', true);
                ctx.strokeStyle = HEX[step.color];
                ctx.setLineDash([6, 4]);
                ctx.lineWidth = 1.5;
                ctx.beginPath();
                ctx.moveTo(bbox.left, y);
                ctx.lineTo(bbox.left + bbox.width, y);
                ctx.stroke();
              }
              ctx.restore();
            },
          ],
        },
      },
      [times, ...order.map((index) => drawn[index])],
      chart,
    );
  }

  // ---- single figures ----
  function stat(body, panel) {
    const wide = panel.lines.length > 4;
    const box = el('div', { class: wide ? 'stats many' : 'stats' });
    for (const line of [...panel.lines].sort((a, b) => a.name.localeCompare(b.name))) {
      const value = last(line);
      const word = panel.words?.[String(value)];
      const color = word?.color ?? stepAt(panel.steps, value);
      const one = el('div', { class: 'stat', style: `background:${COLORS[color]}` }, el('b', {}, word?.text ?? whole(value, panel.unit)));
      if (panel.lines.length > 1) one.append(el('small', {}, line.name));
      box.append(one);
    }
    body.append(box);
  }
  function gauge(body, panel) {
    const value = last(panel.lines[0]);
    const [low, high] = [panel.min ?? 0, panel.max ?? 100];
    const share = (at) => Math.min(1, Math.max(0, (at - low) / (high - low)));
    const arc = (from, to, radius, color, width) => {
      const point = (s) => [100 + radius * Math.cos(Math.PI * (1 + s)), 100 + radius * Math.sin(Math.PI * (1 + s))];
      const [x1, y1] = point(from);
      const [x2, y2] = point(to);
      return svg('path', { d: `M${x1} ${y1} A${radius} ${radius} 0 0 1 ${x2} ${y2}`, stroke: color, 'stroke-width': width, fill: 'none' });
    };
    const parts = panel.steps.map((step, index) => {
      const from = share(step.at ?? low);
      const to = share(panel.steps[index + 1]?.at ?? high);
      return arc(from, to, 92, HEX[step.color], 5);
    });
    const text = svg('text', { x: 100, y: 96, 'text-anchor': 'middle', style: 'font-size:30px;fill:#fff;font-weight:600' });
    text.textContent = format(value, panel.unit);
    body.append(
      svg('svg', { viewBox: '0 0 200 112', style: 'flex:1;min-height:0' }, arc(0, 1, 76, '#24262e', 22), arc(0, Math.max(0.004, share(value)), 76, HEX[stepAt(panel.steps, value)], 22), ...parts, text),
    );
  }
  function pie(body, panel) {
    const slices = panel.lines.map((line) => ({ name: line.name, value: last(line) })).filter((one) => one.value > 0).sort((a, b) => b.value - a.value);
    const total = slices.reduce((sum, one) => sum + one.value, 0);
    if (total === 0) return none(body, panel);
    let turned = 0;
    const circle = svg('svg', { viewBox: '-50 -50 100 100' });
    const list = el('div', { class: 'slices' });
    slices.forEach((one, index) => {
      const share = one.value / total;
      const color = hue(one.name, index);
      circle.append(svg('circle', { r: 34, fill: 'none', stroke: color, 'stroke-width': 22, 'stroke-dasharray': `${share * 213.63} 213.63`, transform: `rotate(${turned * 360 - 90})` }));
      turned += share;
      list.append(el('div', {}, el('i', { style: `background:${color}` }), one.name, el('b', {}, `${Math.round(share * 100)} %`)));
    });
    body.append(el('div', { class: 'pie' }, circle, list));
  }
  function toplist(body, panel) {
    const every = panel.lines.map((line) => ({ name: line.name, value: last(line) })).sort((a, b) => b.value - a.value);
    const some = every.filter((one) => one.value !== 0);
    const rows = (some.length > 0 ? some : every).slice(0, 12);
    const top = panel.max ?? Math.max(1e-9, ...rows.map((one) => one.value));
    const list = el('div', { class: 'bars' });
    const plain = panel.steps.length === 1;
    for (const one of rows) {
      const color = plain ? 'var(--blue)' : COLORS[stepAt(panel.steps, one.value)];
      const bar = el('i', { style: `width:${Math.max(0, Math.min(100, (100 * one.value) / top))}%;background:${color}` });
      list.append(el('span', {}, one.name), el('em', {}, bar), el('span', {}, whole(one.value, panel.unit)));
    }
    body.append(list);
  }
  function table(body, panel) {
    const columns = Object.entries(panel.columns ?? {});
    const head = el('tr', {}, ...columns.map(([name, title]) => el('th', { class: name === 'Value' ? 'number' : '' }, title)));
    const rows = [...panel.lines].sort((a, b) => last(b) - last(a)).slice(0, Math.max(3, panel.place.h - 3)).map((line) =>
      el('tr', {}, ...columns.map(([name]) => el('td', { class: name === 'Value' ? 'number' : '' }, name === 'Value' ? whole(last(line), panel.unit) : (line.labels[name] ?? '')))),
    );
    body.append(el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows)));
  }

  // ---- maps ----
  const shade = (share) => (share <= 0 ? '#20222a' : `hsl(${38 - 30 * share} 90% ${22 + 38 * Math.sqrt(share)}%)`);
  function map(body, panel) {
    let rows = panel.lines;
    const buckets = panel.kind === 'heatmap';
    if (buckets) rows = [...rows].sort((a, b) => Number(b.labels.le === '+Inf' ? Infinity : b.labels.le) - Number(a.labels.le === '+Inf' ? Infinity : a.labels.le));
    else rows = [...rows].filter((line) => line.values.some(([, value]) => value > 0)).sort((a, b) => a.name.localeCompare(b.name)).slice(0, 16);
    if (rows.length === 0) return none(body, panel);
    const { times, columns } = grid(rows);
    // A bucket counts all below it too: what is in it alone is the difference to the one beneath.
    const cells = columns.map((column, row) => column.map((value, index) => Math.max(0, (value ?? 0) - (buckets ? (columns[row + 1]?.[index] ?? 0) : 0))));
    let first = 0;
    let end = rows.length;
    if (buckets) {
      while (first < end - 1 && cells[first].every((value) => value < 1e-9)) first += 1;
      while (end > first + 1 && cells[end - 1].every((value) => value < 1e-9)) end -= 1;
    }
    const shown = cells.slice(first, end);
    const peak = Math.max(1e-9, ...shown.flat());
    const box = body.getBoundingClientRect();
    const left = buckets ? 64 : Math.min(230, 20 + 7 * Math.max(...rows.map((line) => line.name.length)));
    const [width, height] = [box.width, box.height];
    const [cw, ch] = [(width - left) / times.length, (height - 18) / shown.length];
    const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height });
    shown.forEach((row, r) => {
      const name = rows[first + r].name;
      const label = svg('text', { x: left - 8, y: r * ch + ch / 2 + 4, 'text-anchor': 'end' });
      label.textContent = buckets ? (name === '+Inf' ? 'more' : `≤ ${time(Number(name))}`) : name;
      picture.append(label);
      row.forEach((value, c) => {
        picture.append(svg('rect', { x: left + c * cw, y: r * ch, width: Math.max(1, cw - 1), height: Math.max(1, ch - 1), fill: shade(value / peak) }));
      });
    });
    for (const part of [0, 0.25, 0.5, 0.75]) {
      const at = svg('text', { x: left + part * (width - left), y: height - 4 });
      at.textContent = new Date((PAGE.from + part * (PAGE.to - PAGE.from)) * 1000).toISOString().slice(11, 19);
      picture.append(at);
    }
    body.append(picture);
  }

  const DRAW = { timeseries: lines, bars: lines, stat, gauge, pie, toplist, table, heatmap: map, rows: map };
  PAGE.panels.forEach((panel, index) => {
    const body = document.querySelector(`#p${index} .body`);
    if (panel.lines.length === 0) none(body, panel);
    else DRAW[panel.kind](body, panel);
  });
  document.body.dataset.drawn = String(PAGE.panels.length);
}
