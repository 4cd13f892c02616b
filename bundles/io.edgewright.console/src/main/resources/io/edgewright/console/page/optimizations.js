// SPDX-License-Identifier: Apache-2.0
import {base, call} from './api.js';
import {bytes, h, millis, table} from './dom.js';

const STATES = {DONE: 'good', FAILED: 'bad', CANCELLED: 'warn'};
const NS = 'http://www.w3.org/2000/svg';
const BOX = {width: 640, height: 240, left: 56, right: 16, top: 12, bottom: 36};

const percent = value => value === null || value === undefined ? '–' : `${(100 * value).toFixed(2)} %`;
const quality = m => m.accuracy ?? m.agreement.score;
const times = value => value === null || value === undefined ? '–' : `${value.toFixed(2)}×`;

const COLUMNS = [
  {name: '#', kind: 'num', value: r => r.number},
  {name: 'Variant', kind: 'wide', value: r => r.name},
  {name: 'Accuracy', kind: 'num', value: r => percent(r.m.accuracy)},
  {name: 'Agreement', kind: 'num', value: r => percent(r.m.agreement.score)},
  {name: 'p50', kind: 'num', value: r => millis(r.m.latency.p50)},
  {name: 'Speed-up', kind: 'num keep', value: r => times(r.m.speedup)},
  {name: 'Size', kind: 'num keep', value: r => bytes(r.m.sizeBytes)},
  {name: 'Verdict', value: r => r.verdict}];

/** What the optimizer makes of one model on one device; its details are read when they have changed. */
export function optimization() {
  const title = h('h3');
  const subject = h('p', {className: 'quiet'});
  const state = h('p', {className: 'pill'});
  const message = h('p', {className: 'message'});
  const progress = h('progress', {max: 1, ariaLabel: 'Progress'});
  const chart = h('div');
  const rows = h('div', {className: 'scroll'});
  const report = h('a', {}, 'Report');
  const card = h('article', {className: 'card'},
    h('div', {className: 'top'}, h('div', {}, title, subject), state),
    progress, message, chart, rows, h('p', {className: 'bottom quiet'}, report));
  let shown = '';

  card.update = item => {
    title.textContent = `${item.model} ${item.version}`;
    subject.textContent = `${item.passes} on ${item.accelerator}`;
    state.textContent = item.state === 'RUNNING' ? `${Math.round(100 * item.fraction)} %` : item.state.toLowerCase();
    state.className = `pill ${STATES[item.state] ?? ''}`;
    progress.hidden = item.state !== 'RUNNING';
    progress.value = item.fraction;
    message.textContent = item.message;
    report.href = new URL(`optimizations/${encodeURIComponent(item.id)}/report.html`, base).href;
    const version = `${item.state} ${item.variants} ${item.chosen}`;
    if (version !== shown) {
      shown = version;
      call(`optimizations/${encodeURIComponent(item.id)}`).then(details).catch(() => { shown = ''; });
    }
  };

  function details(result) {
    const all = [{number: 0, name: 'as it is', m: result.original, verdict: '', kind: 'plain'}, ...result.variants.map((v, i) => ({
      number: i + 1, name: v.pipeline, m: v.measurement, kind: v.key === result.chosen ? 'chosen' : v.verdict.toLowerCase(),
      verdict: v.key === result.chosen ? 'chosen' : v.verdict.toLowerCase().replace('_', ' ')}))];
    const measured = all.filter(r => r.m.latency.runs > 0);
    chart.replaceChildren(...(measured.length > 1 ? [pareto(measured)] : []));
    rows.replaceChildren(...(measured.length > 0 ? [table('Variants', COLUMNS, all)] : []));
  }

  return card;
}

/** Speed to the right, quality upwards; the area of a dot is the size of the file. */
function pareto(rows) {
  const fastest = 1.1 * Math.max(...rows.map(r => r.m.speedup));
  const [least, most] = [Math.min(...rows.map(r => quality(r.m))), Math.max(...rows.map(r => quality(r.m)))];
  const margin = Math.max(0.002, 0.15 * (most - least));
  const largest = Math.max(...rows.map(r => r.m.sizeBytes), 1);
  const x = speed => BOX.left + (BOX.width - BOX.left - BOX.right) * speed / fastest;
  const y = value => BOX.height - BOX.bottom
    - (BOX.height - BOX.top - BOX.bottom) * (value - least + margin) / (most - least + 2 * margin);
  const svg = element('svg', {viewBox: `0 0 ${BOX.width} ${BOX.height}`, class: 'pareto', role: 'img',
    'aria-label': 'Speed-up and quality of the variants'});
  for (let i = 0; i <= 4; i++) {
    const [speed, value] = [fastest * i / 4, least - margin + (most - least + 2 * margin) * i / 4];
    svg.append(element('path', {class: 'grid', d: `M${x(speed)} ${BOX.top}V${BOX.height - BOX.bottom}M${BOX.left} ${y(value)}H${BOX.width - BOX.right}`}),
      element('text', {x: x(speed), y: BOX.height - BOX.bottom + 15, 'text-anchor': 'middle'}, times(speed)),
      element('text', {x: BOX.left - 6, y: y(value) + 4, 'text-anchor': 'end'}, (100 * value).toFixed(1)));
  }
  const front = rows.filter(r => r.kind === 'front' || r.kind === 'chosen').sort((a, b) => a.m.speedup - b.m.speedup);
  svg.append(element('polyline', {class: 'front', points: front.map(r => `${x(r.m.speedup)},${y(quality(r.m))}`).join(' ')}));
  const labels = []; // one for dots that lie on each other
  for (const r of rows) {
    const radius = 4 + 10 * Math.sqrt(r.m.sizeBytes / largest);
    const dot = element('circle', {cx: x(r.m.speedup), cy: y(quality(r.m)), r: radius, class: `dot ${r.kind}`});
    dot.append(element('title', {}, `${r.name}: ${times(r.m.speedup)}, ${percent(quality(r.m))}, ${bytes(r.m.sizeBytes)}`));
    svg.append(dot);
    const [left, top] = [x(r.m.speedup) + 18, y(quality(r.m)) + 4];
    const near = labels.find(l => Math.abs(l.left - left) < 22 && Math.abs(l.top - top) < 11);
    near?.numbers.push(r.number) ?? labels.push({left, top, numbers: [r.number]});
  }
  svg.append(...labels.map(l => element('text', {x: l.left, y: l.top}, l.numbers.join(', '))));
  svg.append(element('text', {x: BOX.width / 2, y: BOX.height - 4, 'text-anchor': 'middle'},
    'times as fast as the model as it is; upwards: accuracy or agreement in %'));
  return svg;
}

function element(tag, attributes, text = '') {
  const made = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, typeof value === 'number' ? value.toFixed(1) : value);
  }
  made.textContent = text;
  return made;
}
