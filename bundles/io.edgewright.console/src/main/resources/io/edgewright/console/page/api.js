// SPDX-License-Identifier: Apache-2.0

/** Where the management API is: beside this page, whatever is in front of both. */
export const base = new URL('../api/v1/', document.baseURI);

/** The frame in another console that shows this page and knows its own token against forged requests; or null. */
const host = typeof window.frameElement?.xsrfToken === 'function' ? window.frameElement : null;

/** Whether signing in and out is that console's business. */
export const hosted = host !== null;

let csrf = '';

/** The gateway's answer was not what was asked for. */
export class Refused extends Error {
  constructor(status, reason, message) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

export async function call(path, method = 'GET', body = undefined) {
  const headers = {Accept: 'application/json'};
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }
  if (method !== 'GET') {
    headers['X-CSRF-Token'] = hosted ? await host.xsrfToken() : csrf;
  }
  const response = await fetch(new URL(path, base), {
    method, headers, body: body === undefined ? undefined : JSON.stringify(body),
    cache: 'no-store', signal: AbortSignal.timeout(10_000)});
  return read(response);
}

/** The session as the gateway sees it: {user, role}, user empty for visitors who have not signed in. */
export async function session() {
  return keep(await call('session'));
}

export async function signIn(user, password) {
  return keep(await call('session', 'POST', {user, password}));
}

export async function signOut() {
  await call('session', 'DELETE');
  csrf = '';
}

function keep(answer) {
  csrf = answer.csrf ?? '';
  return {user: answer.user ?? '', role: answer.role ?? ''};
}

/**
 * Reads server-sent events until the connection ends. EventSource would need the name of every event beforehand, and it
 * hides why it was refused.
 */
export async function listen(path, signal, opened, heard) {
  const response = await fetch(new URL(path, base), {headers: {Accept: 'text/event-stream'}, cache: 'no-store', signal});
  if (!response.ok) {
    await read(response);
  }
  opened();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const {value, done} = await reader.read();
    if (done) {
      return;
    }
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const data = block.split(/\r?\n/).filter(line => line.startsWith('data:')).map(line => line.slice(5).trimStart());
      if (data.length > 0) {
        heard(JSON.parse(data.join('\n')));
      }
    }
  }
}

async function read(response) {
  const text = await response.text();
  let answer = {};
  try {
    answer = text === '' ? {} : JSON.parse(text);
  } catch {
    answer = {error: `the gateway answered ${response.status} without JSON`};
  }
  if (!response.ok) {
    throw new Refused(response.status, answer.reason ?? '', answer.error ?? `the gateway answered ${response.status}`);
  }
  return answer;
}
