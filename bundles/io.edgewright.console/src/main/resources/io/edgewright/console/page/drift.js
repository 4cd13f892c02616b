// SPDX-License-Identifier: Apache-2.0
import {count, fact, h, table} from './dom.js';

/** By custom below LITTLE nothing has changed, and above MUCH much has. */
const LITTLE = 0.1;
const MUCH = 0.25;

const COLUMNS = [
  {name: 'Tensor', kind: 'id keep', value: r => r.tensor},
  {name: 'Moved', value: r => h('meter', {min: 0, max: 2 * MUCH, low: LITTLE, high: MUCH, optimum: 0, value: r.psi})},
  {name: 'Index', kind: 'num keep', value: r => r.psi.toFixed(3)}];

/** How far the data of one deployment have moved. ask(name) asks and then recalibrates. */
export function drift(ask) {
  const title = h('h3');
  const subject = h('p', {className: 'quiet'});
  const state = h('p', {className: 'pill'});
  const facts = h('dl', {className: 'facts'});
  const rows = h('div', {className: 'scroll'});
  const button = h('button', {}, 'Recalibrate');
  const card = h('article', {className: 'card'},
    h('div', {className: 'top'}, h('div', {}, title, subject), state),
    facts, rows, h('div', {className: 'bottom'}, h('p', {className: 'quiet'}, 'Population stability index, 0 for no change'), button));

  card.update = ({item, operator}) => {
    const tensors = Object.entries(item.psi ?? {}).map(([tensor, psi]) => ({tensor, psi})).sort((a, b) => b.psi - a.psi);
    title.textContent = item.deployment;
    subject.textContent = item.model;
    state.textContent = item.alarm ? 'drifted' : item.compared ? 'as before' : 'learning';
    state.className = `pill ${item.alarm ? 'bad' : item.compared ? 'good' : ''}`;
    facts.replaceChildren(fact('Seen', count(item.samples)), fact('Kept', count(item.captured)));
    rows.replaceChildren(...(tensors.length > 0 ? [table(`Drift of ${item.deployment}`, COLUMNS, tensors)] : []));
    button.hidden = !operator;
    button.setAttribute('aria-label', `Recalibrate ${item.deployment}`);
    button.onclick = () => ask(item.deployment);
  };
  return card;
}
