// SPDX-License-Identifier: Apache-2.0
import {Refused, call, hosted, listen, session, signIn, signOut} from './api.js';
import {accelerator, application, deployment} from './cards.js';
import {drift} from './drift.js';
import {optimization} from './optimizations.js';
import {$, bytes, duration, h, keyed, table} from './dom.js';

const FAST = 2000;
const SLOW = 10_000;
const ABSENT = 60_000;
const EVENTS = 100;
const MODELS = [
  {name: 'Model', value: m => m.name},
  {name: 'Version', kind: 'keep', value: m => m.version},
  {name: 'Format', value: m => m.format},
  {name: 'Size', kind: 'num keep', value: m => bytes(m.sizeBytes)},
  {name: 'Store', value: m => m.store},
  {name: 'Digest', value: m => String(m.digest ?? '').slice(0, 12)}];

let me = {user: '', role: ''};
let stream = null;
let lastSlow = -Infinity;
let timer = 0;
let busy = false;
let optimizing = false;
const absent = new Map();

const operator = () => ['operator', 'admin'].includes(me.role);

async function refresh() {
  clearTimeout(timer);
  if (busy) {
    return;
  }
  busy = true;
  try {
    if (!document.hidden && $('login').hidden) {
      await load();
    }
  } catch (problem) {
    failed(problem);
  } finally {
    busy = false;
    clearTimeout(timer);
    timer = setTimeout(refresh, FAST);
  }
}

async function load() {
  const slow = performance.now() - lastSlow >= SLOW;
  const [deployments, health, apps] = await Promise.all([call('deployments'), call('health'), optional('apps/retail')]);
  const now = performance.now();
  const items = deployments.deployments.map(item => ({item, operator: operator(), now}));
  keyed($('deployments'), items, d => d.item.name, () => deployment(act), 'Nothing is deployed yet.');
  showHealth(health);
  $('apps-section').hidden = !(apps?.apps?.length > 0);
  keyed($('apps'), apps?.apps ?? [], a => a.name, application, '');
  if (slow) {
    await loadSlow();
  }
  if (slow || optimizing) {
    await loadOptimizer();
  }
  $('board').hidden = false;
  if (stream === null) {
    follow();
  }
}

async function loadSlow() {
  const [status, devices, models] = await Promise.all([call('status'), call('accelerators'), call('models')]);
  lastSlow = performance.now();
  $('gateway').textContent = `${location.hostname} · ${status.version} · up ${duration(status.uptimeSeconds)}`;
  const all = [...devices.accelerators, ...(devices.idleDrivers ?? [])];
  keyed($('accelerators'), all, d => d.id ?? `driver ${d.driver}`, accelerator, 'No driver has found a device.');
  const rows = [...models.models].sort((a, b) =>
    a.name.localeCompare(b.name) || b.version.localeCompare(a.version, 'en', {numeric: true}));
  $('models').replaceChildren(rows.length > 0
    ? h('div', {className: 'panel scroll'}, table('Models', MODELS, rows))
    : h('p', {className: 'empty'}, 'No model is stored yet.'));
}

async function loadOptimizer() {
  const [work, live] = await Promise.all([optional('optimizations'), optional('drift')]);
  const requests = work?.optimizations ?? [];
  const items = (live?.drift ?? []).map(item => ({item, operator: operator()}));
  optimizing = requests.some(o => o.state === 'RUNNING');
  $('optimizations-section').hidden = requests.length === 0;
  keyed($('optimizations'), requests, o => o.id, optimization, '');
  $('drift-section').hidden = items.length === 0;
  keyed($('drift'), items, d => d.item.deployment, () => drift(recalibrate), '');
}

/** What is not installed is asked again after a while only: the browser's console lists each refusal as an error. */
async function optional(path) {
  if (performance.now() < absent.get(path)) {
    return null;
  }
  try {
    return await call(path);
  } catch (problem) {
    if (problem instanceof Refused && [404, 503].includes(problem.status)) {
      absent.set(path, performance.now() + ABSENT);
      return null;
    }
    throw problem;
  }
}

function showHealth(health) {
  const findings = health.findings ?? [];
  const words = {ok: 'all is well', warning: `${findings.length} to look at`, critical: `${findings.length} to do`};
  $('health').hidden = false;
  $('health').textContent = words[health.status] ?? health.status;
  $('health').className = `pill ${{ok: 'good', warning: 'warn', critical: 'bad'}[health.status] ?? ''}`;
  $('findings').hidden = findings.length === 0;
  $('findings').querySelector('ul').replaceChildren(...findings.map(f =>
    h('li', {className: String(f.severity).toUpperCase() === 'CRITICAL' ? 'bad' : ''},
      h('strong', {}, f.subject), ` ${f.message} `, h('p', {}, f.advice))));
}

function failed(problem) {
  if (problem instanceof Refused && problem.status === 401) {
    askToSignIn('');
    return;
  }
  const lost = !(problem instanceof Refused);
  $('health').hidden = false;
  $('health').textContent = lost ? 'gateway does not answer' : problem.message;
  $('health').className = 'pill bad';
}

async function follow() {
  stream = new AbortController();
  try {
    await listen('events', stream.signal, () => { $('stream').textContent = 'live'; }, showEvent);
  } catch (problem) {
    if (problem instanceof Refused && problem.status === 401) {
      askToSignIn('');
    }
  }
  $('stream').textContent = 'reconnecting';
  setTimeout(() => { stream = null; }, 3000);
}

function showEvent(event) {
  const {topic, time, ...values} = event;
  const text = values.message ?? Object.entries(values).filter(([, value]) => value !== '')
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, value]) => `${name} ${plain(value)}`).join(' · ');
  const clock = time === undefined ? '' : new Date(time).toLocaleTimeString([], {hour12: false});
  $('events').prepend(h('li', {}, h('span', {className: 'quiet num'}, clock), h('span', {}, topic ?? ''), h('span', {}, text)));
  while ($('events').children.length > EVENTS) {
    $('events').lastChild.remove();
  }
  if (/^(deployment|model|optimization|drift)\//.test(topic)) {
    lastSlow = -Infinity;
    refresh();
  }
}

function plain(value) {
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) {
    return new Date(value).toLocaleTimeString([], {hour12: false});
  }
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

function act(name, action, text) {
  const verb = action === 'promote' ? 'Promote' : 'Roll back';
  const done = action === 'promote' ? `${name} is promoted.` : `${name} is rolled back.`;
  return confirmed(verb, name, text, `deployments/${encodeURIComponent(name)}/${action}`, done);
}

function recalibrate(name) {
  return confirmed('Recalibrate', name, 'What it sees from now on is normal; if its variant was made with live inputs, '
    + 'it is made afresh with those that come, and swapped in if it holds the gate.',
  `drift/${encodeURIComponent(name)}/recalibrate`, `${name} learns what is normal.`);
}

/** Asks, and then has it done. */
async function confirmed(verb, name, text, path, done) {
  $('confirm-title').textContent = `${verb} ${name}?`;
  $('confirm-text').textContent = text;
  $('confirm-yes').textContent = verb;
  $('confirm').returnValue = 'no';
  $('confirm').showModal();
  await new Promise(closed => $('confirm').addEventListener('close', closed, {once: true}));
  if ($('confirm').returnValue !== 'yes') {
    return;
  }
  try {
    await call(path, 'POST', {});
    say(done);
  } catch (problem) {
    say(problem.message);
  }
  lastSlow = -Infinity;
  refresh();
}

function say(text) {
  $('toast').textContent = text;
  $('toast').hidden = false;
  setTimeout(() => { $('toast').hidden = $('toast').textContent === text; }, 6000);
}

function showAccount() {
  const button = hosted ? null : me.user === ''
    ? h('button', {onclick: () => askToSignIn('')}, 'Sign in')
    : h('button', {onclick: leave}, 'Sign out');
  const who = h('span', {className: 'quiet'}, me.user === '' ? '' : `${me.user}, ${me.role}`);
  $('account').replaceChildren(...[who, button].filter(part => part !== null));
}

function askToSignIn(message) {
  if (hosted) {
    $('health').hidden = false;
    $('health').textContent = 'the console has ended the session: sign in to it again';
    $('health').className = 'pill bad';
    return;
  }
  $('login-message').textContent = message;
  $('cancel-login').hidden = me.role === '' || me.role === 'none';
  if ($('login').hidden) {
    $('login').hidden = false;
    $('board').hidden = true;
    $('health').hidden = true;
    $('login').elements.user.focus();
  }
}

async function leave() {
  try {
    await signOut();
  } catch (problem) {
    say(problem.message);
  }
  stream?.abort();
  await start();
}

async function start() {
  try {
    me = await session();
  } catch (problem) {
    me = {user: '', role: ''};
    failed(problem);
  }
  showAccount();
  refresh();
}

$('login').addEventListener('submit', async event => {
  event.preventDefault();
  const fields = $('login').elements;
  try {
    me = await signIn(fields.user.value, fields.password.value);
    $('login').reset();
    $('login').hidden = true;
    lastSlow = -Infinity;
    showAccount();
    refresh();
  } catch (problem) {
    $('login-message').textContent = problem.message;
    fields.password.select();
  }
});
$('cancel-login').addEventListener('click', () => {
  $('login').hidden = true;
  refresh();
});
document.addEventListener('visibilitychange', () => document.hidden || refresh());
start();
