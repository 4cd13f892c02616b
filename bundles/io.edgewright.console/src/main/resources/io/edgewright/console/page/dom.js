// SPDX-License-Identifier: Apache-2.0

export const $ = id => document.getElementById(id);

/** Makes an element. Text is always set as text, never as markup: names and messages come from outside. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) {
      element[name] = value;
    } else {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter(child => child !== null));
  return element;
}

/** Keeps one element for each item, in order, so that focus and pictures survive an update. */
export function keyed(parent, items, key, make, nothing) {
  const kept = new Map([...parent.children].filter(c => c.dataset.key !== undefined).map(c => [c.dataset.key, c]));
  const wanted = items.map(item => {
    const name = key(item);
    const element = kept.get(name) ?? make(item);
    element.dataset.key = name;
    element.update(item);
    return element;
  });
  const same = wanted.length > 0 && wanted.length === parent.children.length
    && wanted.every((element, i) => parent.children[i] === element);
  if (!same) {
    parent.replaceChildren(...(wanted.length > 0 ? wanted : [h('p', {className: 'empty'}, nothing)]));
  }
}

export function table(caption, columns, rows) {
  return h('table', {className: 'stack'},
    h('caption', {}, caption),
    h('thead', {}, h('tr', {}, ...columns.map(c => h('th', {scope: 'col', className: c.kind ?? ''}, c.name)))),
    h('tbody', {}, ...rows.map(row => h('tr', {}, ...columns.map(c =>
      h('td', {className: c.kind ?? '', 'data-label': c.name}, c.value(row)))))));
}

export function fact(name, value, kind = '') {
  return h('div', {className: kind}, h('dt', {}, name), h('dd', {}, value));
}

/** A line over the last minutes, without axes: it shows the shape, the number stands beside it. */
export function spark(values, label) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  const top = Math.max(...values, 1e-9);
  const points = values.map((v, i) => `${(i * 100 / Math.max(1, values.length - 1)).toFixed(2)},${(28 - 26 * v / top).toFixed(2)}`);
  const shape = (kind, d) => {
    const path = document.createElementNS(ns, 'path');
    path.setAttribute('d', d);
    path.setAttribute('class', kind);
    return path;
  };
  svg.setAttribute('viewBox', '0 0 100 30');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('class', 'spark');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  if (points.length > 1) {
    svg.append(shape('area', `M0,30 L${points.join(' L')} L100,30 Z`), shape('line', `M${points.join(' L')}`));
  }
  return svg;
}

const whole = new Intl.NumberFormat('en');

export const count = value => whole.format(Math.round(value ?? 0));

export function rate(value) {
  return value >= 100 ? count(value) : value >= 10 ? value.toFixed(1) : value.toFixed(value === 0 ? 0 : 2);
}

export function millis(value) {
  if (value === undefined || value === null || value === 0) {
    return '–';
  }
  return value >= 100 ? `${count(value)} ms` : value >= 1 ? `${value.toFixed(1)} ms` : `${Math.round(value * 1000)} µs`;
}

export function bytes(value) {
  if (!value) {
    return '–';
  }
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const power = Math.min(3, Math.floor(Math.log2(value) / 10));
  const scaled = value / 1024 ** power;
  return `${scaled >= 100 || power === 0 ? Math.round(scaled) : scaled.toFixed(1)} ${units[power]}`;
}

export function duration(seconds) {
  const steps = [[86400, 'd'], [3600, 'h'], [60, 'min']];
  for (const [size, unit] of steps) {
    if (seconds >= size) {
      return `${Math.floor(seconds / size)} ${unit}`;
    }
  }
  return `${Math.max(0, Math.floor(seconds))} s`;
}

export const ago = time => time ? duration((Date.now() - Date.parse(time)) / 1000) : '';
