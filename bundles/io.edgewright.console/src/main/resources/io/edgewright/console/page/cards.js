// SPDX-License-Identifier: Apache-2.0
import {base} from './api.js';
import {ago, bytes, count, fact, h, millis, rate, spark, table} from './dom.js';

const STATES = {SERVING: 'good', STARTING: '', DEGRADED: 'warn', FAILED: 'bad'};
const ROLES = {PRIMARY: 'answers', CANARY: 'canary', SHADOW: 'shadow'};
const HISTORY = 90;

const low = text => String(text ?? '').toLowerCase();
const total = (served, name) => served.reduce((sum, v) => sum + (v.statistics?.[name] ?? 0), 0);

const VERSIONS = [
  {name: 'Version', kind: 'keep', value: v => v.version},
  {name: 'Role', value: v => ROLES[String(v.role).toUpperCase()] ?? low(v.role)},
  {name: 'On', kind: 'id', value: v => v.accelerator},
  {name: 'Share', kind: 'keep', value: v => `${v.percent} %`},
  {name: 'Requests', kind: 'num', value: v => count(v.statistics?.successes)},
  {name: 'Failed', kind: 'num', value: v => count(v.statistics?.failed)},
  {name: 'p50', kind: 'num keep', value: v => millis(v.statistics?.p50Millis)},
  {name: 'p99', kind: 'num keep', value: v => millis(v.statistics?.p99Millis)},
  {name: 'Memory', kind: 'num keep', value: v => bytes(v.memoryBytes)}];

/** One deployment. act(name, action, text) asks and then does. */
export function deployment(act) {
  const title = h('h3');
  const subject = h('p', {className: 'quiet'});
  const state = h('p', {className: 'pill'});
  const message = h('p', {className: 'message'});
  const facts = h('dl', {className: 'facts'});
  const chart = h('div');
  const versions = h('div', {className: 'scroll'});
  const foot = h('p', {className: 'quiet'});
  const promote = h('button', {}, 'Promote');
  const rollback = h('button', {}, 'Roll back');
  const actions = h('div', {className: 'actions'}, promote, rollback);
  const card = h('article', {className: 'card'},
    h('div', {className: 'top'}, h('div', {}, title, subject), state),
    message, facts, chart, versions, h('div', {className: 'bottom'}, foot, actions));
  const rates = [];
  let before = null;

  card.update = ({item, operator, now}) => {
    const served = item.served ?? [];
    const candidate = served.find(v => String(v.role).toUpperCase() !== 'PRIMARY');
    title.textContent = item.name;
    subject.textContent = `${item.model} ${item.versionRule}`;
    state.textContent = low(item.state);
    state.className = `pill ${STATES[item.state] ?? ''}`;
    message.textContent = item.message ?? '';
    message.hidden = !item.message;

    const done = total(served, 'successes');
    if (before !== null && now > before.now) {
      rates.push(Math.max(0, done - before.done) * 1000 / (now - before.now)); // a fresh version counts from 0
      rates.splice(0, rates.length - HISTORY);
    }
    before = {done, now};
    const current = rates.at(-1) ?? 0;
    const primary = served.find(v => v !== candidate);
    facts.replaceChildren(
      fact('Requests/s', rate(current)),
      fact('p50', millis(primary?.statistics?.p50Millis)),
      fact('p99', millis(primary?.statistics?.p99Millis)),
      fact('Failed', count(total(served, 'failed')), total(served, 'failed') > 0 ? 'bad-text' : ''),
      fact('Waiting', count(total(served, 'pending'))));
    chart.hidden = served.length === 0;
    facts.hidden = served.length === 0;
    chart.replaceChildren(spark(rates, `requests a second, now ${rate(current)}`));
    versions.replaceChildren(served.length > 0
      ? table(`Versions of ${item.name}`, VERSIONS, served)
      : h('p', {className: 'quiet'}, 'No version is loaded.'));

    const compared = candidate?.comparisons > 0
      ? ` · ${count(candidate.disagreements)} of ${count(candidate.comparisons)} answers differ` : '';
    foot.textContent = `${count(item.swaps)} ${item.swaps === 1 ? 'swap' : 'swaps'} · ${low(item.state)} for ${ago(item.since)}`
      + (item.previousVersion ? ` · before: ${item.previousVersion}` : '') + compared
      + (primary?.facts?.partition ? ` · ${primary.accelerator}: ${primary.facts.partition}` : '');
    actions.hidden = !operator;
    promote.hidden = candidate === undefined;
    promote.setAttribute('aria-label', `Promote ${candidate?.version} of ${item.name}`);
    rollback.hidden = candidate === undefined && !item.previousVersion;
    rollback.setAttribute('aria-label', `Roll back ${item.name}`);
    promote.onclick = () => act(item.name, 'promote', `${candidate.version} will answer all requests.`);
    rollback.onclick = () => act(item.name, 'rollback', candidate
      ? `${candidate.version} will be thrown out; ${primary?.version ?? 'the version before'} goes on.`
      : `${item.previousVersion} will answer all requests.`);
  };
  return card;
}

export function accelerator() {
  const title = h('h3');
  const state = h('p', {className: 'pill'});
  const text = h('p', {className: 'quiet message'});
  const facts = h('dl', {className: 'facts roomy'});
  const card = h('article', {className: 'card'}, h('div', {className: 'top'}, title, state), text, facts);
  card.update = item => {
    const idle = item.id === undefined;
    title.textContent = idle ? item.driver : item.id;
    state.textContent = idle ? 'no device' : item.healthy ? low(item.kind).toUpperCase() : low(item.state ?? 'left out');
    state.className = `pill ${idle ? '' : item.healthy ? 'good' : 'bad'}`;
    text.textContent = idle || !item.message ? item.description ?? item.message : item.message;
    facts.hidden = idle;
    facts.replaceChildren(
      fact('Memory', item.memoryBytes ? bytes(item.memoryBytes) : 'shared', 'small'),
      fact('Formats', (item.formats ?? []).join(', '), 'small'),
      fact('Runs', (item.deployments ?? []).join(', ') || 'nothing', 'small'));
  };
  return card;
}

/** One application with cameras: what it counted, and what it sees. The picture's size is the browser's matter. */
export function application() {
  const title = h('h3');
  const subject = h('p', {className: 'quiet'});
  const status = h('p', {className: 'message'});
  const picture = h('img', {className: 'view waiting', alt: ''});
  const facts = h('dl', {className: 'facts'});
  const details = h('dl', {className: 'facts roomy'});
  const card = h('article', {className: 'card app'}, picture,
    h('div', {className: 'side'}, h('div', {}, title, subject), facts, details, status));
  let address = null;
  let wait = 0;

  function next() {
    if (card.isConnected && !document.hidden) {
      address.searchParams.set('at', Date.now());
      picture.src = address;
    } else {
      setTimeout(next, 1000);
    }
  }
  picture.onload = () => {
    picture.classList.remove('waiting');
    wait = 250;
    setTimeout(next, wait);
  };
  picture.onerror = () => {
    picture.classList.add('waiting');
    wait = Math.min(10_000, Math.max(500, wait * 2));
    setTimeout(next, wait);
  };

  card.update = item => {
    title.textContent = item.name;
    subject.textContent = `${item.source} → ${item.deployment}`;
    status.textContent = item.status ?? '';
    status.hidden = !item.status;
    picture.alt = `What ${item.name} saw last: ${count(item.occupancy)} people, faces blurred`;
    facts.replaceChildren(
      fact('Inside now', count(item.occupancy)),
      fact('Visits', count(item.visits)),
      fact('Frames/s', rate(item.framesPerSecond ?? 0)),
      fact('Dropped', count(item.droppedFrames)));
    details.replaceChildren(
      ...Object.entries(item.lines ?? {}).map(([name, value]) => fact(name, crossings(value), 'small')),
      ...Object.entries(item.zones ?? {}).map(([name, value]) => fact(name, crossings(value), 'small')));
    details.hidden = details.children.length === 0;
    if (address === null) {
      address = new URL(`apps/retail/${encodeURIComponent(item.name)}/frame.jpg`, base);
      setTimeout(next);
    }
  };
  return card;
}

function crossings(value) {
  return value !== null && typeof value === 'object'
    ? Object.entries(value).filter(([, v]) => typeof v !== 'object').map(([k, v]) => `${k} ${v}`).join(' · ')
    : String(value);
}
