/**
 * What happened, newest first, told by the agent as it happens. The stream is resumed by the browser from where it broke; what
 * the agent has forgotten meanwhile is said, not passed over.
 */

import { isThere } from '../paths.js';
import { panel } from '../panel.js';
import { byId, el } from '../dom.js';
import { wordOf } from './verdicts.js';

/** @typedef {import('../answers.js').Event} Event */

/** As many as anyone scrolls through. */
const SHOWN_MAX = 200;
const PATH = '/v1/events';

/**
 * What each kind says, and how grave it is. Statements come every second and are counted above: they are not listed here.
 * @type {Readonly<Record<string, (event: any) => { tone: string, words: string }>>}
 */
const KINDS = {
  'clock-changed': ({ from, to, code }) => ({ tone: toneOfState(to), words: `Clock ${from} → ${to} (${code})` }),
  'attesting-changed': ({ signing, code }) =>
    signing ? { tone: 'good', words: 'Signing began' } : { tone: 'bad', words: `Signing stopped (${code})` },
  warned: ({ code }) => ({ tone: 'care', words: `Warning: ${code}` }),
  'source-judged': ({ source, to, code }) => ({
    tone: to === 'truechimer' ? 'good' : to === 'shares-cause' ? 'idle' : 'bad',
    words: `${source}: ${wordOf(to).toLowerCase()}${code === null ? '' : ` (${code})`}`,
  }),
  'presence-changed': ({ source, present, code }) => ({
    tone: present ? 'good' : 'bad',
    words: `${source} ${present ? 'answers' : 'is gone'} (${code})`,
  }),
  'commit-refused': ({ code, detail }) => ({
    tone: 'bad',
    words: `A statement was not committed (${code}): ${detail}`,
  }),
  'alert-changed': ({ code, severity, source, raised }) => ({
    tone: !raised ? 'good' : severity === 'critical' ? 'bad' : 'care',
    words: `${raised ? 'Alert' : 'Alert over'}: ${source === null ? '' : `${source}, `}${code}`,
  }),
  'peer-joined': ({ peer }) => ({ tone: 'good', words: `Peer ${peer} joined` }),
  'peer-left': ({ peer, code }) => ({ tone: 'care', words: `Peer ${peer} left${code === null ? '' : ` (${code})`}` }),
  'fault-found': ({ kid, code, detail }) => ({ tone: 'bad', words: `Validator ${kid} convicted (${code}): ${detail}` }),
};

/** @param {() => void} onChange called after each event: something that is polled may have changed */
export function startEvents(onChange) {
  const tell = panel('events', { absent: 'This agent tells no events.', show: () => undefined });
  void isThere(PATH).then((there) => {
    if (there) follow(tell, onChange);
    else tell({ kind: 'absent' });
  });
}

/** @type {(tell: ReturnType<typeof panel>, onChange: () => void) => void} */
function follow(tell, onChange) {
  const list = byId('event-list');
  const source = new EventSource(`${PATH}?from=0&kinds=${Object.keys(KINDS).join(',')}`);
  source.addEventListener('open', () => tell({ kind: 'ok', body: undefined }));
  source.addEventListener('error', () => tell({ kind: 'failed', why: 'the stream of events broke; trying again' }));
  source.addEventListener('reset', () => {
    list.prepend(el('li', {}, el('span', {}), el('span', { class: 'fine' }, 'Earlier events are no longer kept.')));
  });
  for (const [kind, describe] of Object.entries(KINDS))
    source.addEventListener(kind, (message) => {
      /** @type {Event} */
      const event = JSON.parse(message.data);
      const { tone, words } = describe(event);
      list.prepend(itemOf(event, tone, words));
      while (list.children.length > SHOWN_MAX) list.lastElementChild?.remove();
      onChange();
    });
}

/** @type {(event: Event, tone: string, words: string) => HTMLLIElement} */
function itemOf({ host_utc: hostUtc, id }, tone, words) {
  return el(
    'li',
    { 'data-id': id },
    el('time', { datetime: hostUtc, title: `${hostUtc} by the host’s own clock` }, hostUtc.slice(11, 19)),
    el('span', { class: 'mark-word', 'data-tone': tone }, el('span', {}, words)),
  );
}

/** @param {string} state */
const toneOfState = (state) =>
  state === 'locked' ? 'good' : state === 'holdover' || state === 'acquiring' ? 'care' : 'bad';
