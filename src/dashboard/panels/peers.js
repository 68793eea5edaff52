/**
 * Peers' intervals against ours, from the last exchange of nonces with each: where the middle of its interval can lie by our
 * clock (thick), and all that its interval can cover (thin). The path between us is in it, so it is far wider than either clock.
 */

import { byId, el, fill, keyed, setAttributes, setFigure, setText, svg } from '../dom.js';
import { ROW, axis, placer, rowOf } from '../interval-picture.js';
import { duration, ends, middle, parse } from '../nanos.js';

/** @typedef {import('../answers.js').Peer} Peer */
/** @typedef {import('../interval-picture.js').Row} Row */

const TOP = 4;
/** As many as fit a picture; the table has them all. */
const DRAWN_MAX = 24;

/** Our own half-width, told by the status: drawn as the band that the others are seen against. */
/** @type {bigint | undefined} */
let ourGuarantee;

/** Names of the validators by index; told by the network. */
/** @type {readonly string[]} */
let names = [];

/** @param {import('../answers.js').Network} network */
export function tellNames({ validators }) {
  names = validators.map(({ name }) => name);
}

/** @param {import('../answers.js').Status} status */
export function tellGuarantee({ time }) {
  ourGuarantee = parse(time.guarantee_ns);
}

/**
 * @param {{ peers: Peer[] }} answer
 * @returns {string | undefined}
 */
export function showPeers({ peers }) {
  if (peers.length === 0) return 'No peer is connected.';
  const measured = peers.filter(({ time }) => time !== null);
  showPicture(measured.slice(0, DRAWN_MAX));
  setText(byId('peer-words'), wordsOf(peers, measured));
  keyed(byId('peer-rows'), peers, {
    key: ({ name }) => name,
    create: () =>
      el(
        'tr',
        {},
        el('th', { scope: 'row' }, el('span'), el('span', { class: 'fine' })),
        el('td'),
        el('td', { class: 'number' }, el('data')),
        el('td', { class: 'number' }, el('data')),
        el('td', { class: 'number' }, el('data')),
        el('td', {}, el('span', { class: 'mark-word' })),
      ),
    update: showPeer,
  });
  return undefined;
}

/** @type {(row: HTMLTableRowElement, peer: Peer) => void} */
function showPeer(row, peer) {
  const { address, role, time, round_trip_ns: roundTrip } = peer;
  const [head, what] = row.children;
  setText(/** @type {Element} */ (head?.firstElementChild), nameOf(peer));
  setText(/** @type {Element} */ (head?.lastElementChild), address);
  setText(/** @type {Element} */ (what), role);
  const [where, wide, trip] = row.querySelectorAll('data');
  if (where !== undefined) setFigure(where, time === null ? null : time.offset.least_ns, offsetWords(time));
  if (wide !== undefined) showDuration(wide, time?.guarantee_ns);
  if (trip !== undefined) showDuration(trip, roundTrip);
  const mark = /** @type {Element} */ (row.querySelector('.mark-word'));
  setAttributes(mark, { 'data-tone': time === null ? 'idle' : time.consistent ? 'good' : 'bad' });
  setText(mark, time === null ? 'unknown' : time.consistent ? 'yes' : 'no common instant');
}

/** @type {(node: HTMLDataElement, ns: string | null | undefined) => void} */
const showDuration = (node, ns) => {
  const value = parse(ns);
  setFigure(node, value ?? null, value === undefined ? 'unknown' : duration(value));
};

/** @param {Peer['time']} time */
function offsetWords(time) {
  if (time === null) return 'unknown';
  const { least, most } = ends(BigInt(time.offset.least_ns), BigInt(time.offset.most_ns));
  return `${least} … ${most}`;
}

/** @param {readonly Peer[]} peers */
function showPicture(peers) {
  const picture = byId('peer-picture');
  const rows = peers.flatMap(rowsOf);
  if (rows.length === 0) {
    fill(picture);
    return setAttributes(picture, { height: 1 });
  }
  const bottom = TOP + (rows.length + 1) * ROW + 6;
  const half = Number(ourGuarantee ?? 0n);
  const reach = 1.15 * Math.max(half, ...rows.map(({ from, to }) => Math.max(Math.abs(from), Math.abs(to))), 1);
  const frame = { width: Math.max(280, picture.clientWidth), reach, top: TOP, bottom };
  const x = placer(frame);
  const box = { x: x(-half), width: Math.max(2, x(half) - x(-half)) };
  setAttributes(picture, { viewBox: `0 0 ${frame.width} ${bottom + 22}`, height: bottom + 22 });
  fill(
    picture,
    svg('rect', { class: 'ours-band', ...box, y: TOP, height: bottom - TOP }),
    svg('rect', { class: 'ours', ...box, y: TOP + 3, height: ROW - 6, rx: 1 }),
    svg('text', { class: 'strong', x: 0, y: TOP + ROW / 2 + 4 }, 'ours'),
    ...axis(frame),
    ...rows.map((row, at) => rowOf(row, frame, TOP + (at + 1) * ROW + ROW / 2)),
  );
}

/**
 * @param {Peer} peer
 * @returns {Row[]}
 */
function rowsOf(peer) {
  const { time } = peer;
  if (time === null) return [];
  const least = BigInt(time.offset.least_ns);
  const most = BigInt(time.offset.most_ns);
  const half = BigInt(time.guarantee_ns);
  return [
    {
      name: nameOf(peer),
      tone: time.consistent ? 'good' : 'bad',
      from: Number(least - half),
      to: Number(most + half),
      middle: middle(least, most),
      core: [Number(least), Number(most)],
    },
  ];
}

/** @type {(peers: readonly Peer[], measured: readonly Peer[]) => string} */
function wordsOf(peers, measured) {
  const apart = measured.filter(({ time }) => time?.consistent === false);
  const agree = `${measured.length - apart.length} of ${peers.length} connected peers can share an instant with us`;
  const not = apart.length === 0 ? '' : `; ${apart.map(nameOf).join(', ')} cannot`;
  return `${agree}${not}. Thick: where the middle of its interval can lie, the path included. Thin: all it can cover.`;
}

/**
 * A validator by its name in the genesis record; another peer by the end of its libp2p name, where such names differ.
 * @param {Peer} peer
 */
const nameOf = ({ name, validator }) =>
  (validator === null ? undefined : names[validator]) ?? (name.length > 16 ? `…${name.slice(-8)}` : name);
