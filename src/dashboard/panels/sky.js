/** A receiver's sky as seen from below, north at the top, and how strongly each satellite is received. */

import { fill, setAttributes, setText, svg } from '../dom.js';

/** @typedef {import('../answers.js').Receiver} Receiver */
/** @typedef {NonNullable<Receiver['sky']>['satellites'][number]} Satellite */

const SIZE = 250;
const RADIUS = 108;
/** C/N0 of a signal that could hardly be stronger, dB-Hz. */
const STRONGEST = 55;
const BAR_AREA = 110;

/** Systems by RINEX's letters, which every satellite is labelled with: colour only helps. */
/** @type {Readonly<Record<string, string>>} */
const LETTERS = { gps: 'G', galileo: 'E', glonass: 'R', beidou: 'C', sbas: 'S', qzss: 'J', navic: 'I', imes: 'M' };

/** @param {Satellite} satellite */
const labelOf = ({ gnss, satellite_id: id }) => `${LETTERS[gnss] ?? '?'}${String(id).padStart(2, '0')}`;

/** @type {(figure: HTMLElement, sky: Receiver['sky']) => void} */
export function showSky(figure, sky) {
  const [picture, words] = figure.children;
  if (picture === undefined || words === undefined) return;
  setAttributes(picture, { viewBox: `0 0 ${SIZE} ${SIZE}` });
  const satellites = sky?.satellites ?? [];
  const placed = satellites.filter(({ elevation_deg: e, azimuth_deg: a }) => e !== null && a !== null);
  fill(picture, ...ground(), ...placed.map(marker));
  const used = satellites.filter((satellite) => satellite.used).length;
  setText(
    words,
    sky === null
      ? 'Sky unknown: it does not say.'
      : satellites.length === 0
        ? 'No satellite is seen.'
        : `${satellites.length} seen, ${used} used (filled). ${systemsOf(satellites)}`,
  );
}

/** @type {(figure: HTMLElement, sky: Receiver['sky']) => void} */
export function showSignals(figure, sky) {
  const [picture, words] = figure.children;
  if (picture === undefined || words === undefined) return;
  const heard = (sky?.satellites ?? [])
    .filter(({ cno_db_hz: cno }) => cno !== null && cno > 0)
    .toSorted((a, b) => a.gnss.localeCompare(b.gnss) || a.satellite_id - b.satellite_id);
  const width = Math.max(240, picture.clientWidth);
  const step = Math.min(34, (width - 34) / Math.max(1, heard.length));
  const height = BAR_AREA + 30;
  setAttributes(picture, { viewBox: `0 0 ${width} ${height}`, height });
  fill(picture, ...levels(width), ...heard.map((satellite, at) => bar(satellite, 34 + at * step, step)));
  const strengths = heard.map(({ cno_db_hz: cno }) => cno ?? 0).toSorted((a, b) => a - b);
  const middle = strengths[Math.floor(strengths.length / 2)];
  setText(
    words,
    middle === undefined
      ? 'No signal is told of.'
      : `Carrier to noise in dB-Hz: median ${middle}, ${strengths[0]} to ${strengths.at(-1)}.`,
  );
}

/** Horizon, 30° and 60°, and where north is. */
function ground() {
  const centre = SIZE / 2;
  const rings = [1, 2 / 3, 1 / 3].map((share) =>
    svg('circle', { class: 'ring', cx: centre, cy: centre, r: RADIUS * share }),
  );
  const names = /** @type {const} */ ([
    ['N', centre, centre - RADIUS - 4],
    ['S', centre, centre + RADIUS + 12],
    ['E', centre + RADIUS + 7, centre + 4],
    ['W', centre - RADIUS - 7, centre + 4],
  ]);
  return [...rings, ...names.map(([name, x, y]) => svg('text', { x, y, 'text-anchor': 'middle' }, name))];
}

/** @param {Satellite} satellite */
function marker(satellite) {
  const { elevation_deg: elevation, azimuth_deg: azimuth, gnss, used } = satellite;
  const distance = (RADIUS * (90 - (elevation ?? 0))) / 90;
  const angle = ((azimuth ?? 0) * Math.PI) / 180;
  const x = SIZE / 2 + distance * Math.sin(angle);
  const y = SIZE / 2 - distance * Math.cos(angle);
  return svg(
    'g',
    { 'data-system': gnss },
    svg('circle', { class: 'satellite', 'data-used': used, cx: x, cy: y, r: 4.5 }),
    svg('text', { class: 'prn', x, y: y + 13, 'text-anchor': 'middle' }, labelOf(satellite)),
  );
}

/** @param {number} width */
function levels(width) {
  return [0, 20, 40].flatMap((level) => {
    const y = heightOf(level);
    return [
      svg('line', { class: 'axis', x1: 26, x2: width, y1: y, y2: y }),
      svg('text', { x: 20, y: y + 4, 'text-anchor': 'end' }, level),
    ];
  });
}

/** @type {(satellite: Satellite, x: number, step: number) => SVGElement} */
function bar(satellite, x, step) {
  const width = Math.min(14, step * 0.6);
  const y = heightOf(satellite.cno_db_hz ?? 0);
  return svg(
    'g',
    { 'data-system': satellite.gnss },
    svg('rect', {
      class: satellite.used ? 'bar-used' : 'bar-unused',
      x,
      y,
      width,
      height: Math.max(0, heightOf(0) - y),
      rx: 1.5,
    }),
    svg('text', { class: 'prn', x: x + width / 2, y: heightOf(0) + 13, 'text-anchor': 'middle' }, labelOf(satellite)),
  );
}

/** @param {number} cno */
const heightOf = (cno) => 8 + BAR_AREA * (1 - Math.min(cno, STRONGEST) / STRONGEST);

/** @type {Readonly<Record<string, string>>} */
const NAMES = { gps: 'GPS', galileo: 'Galileo', glonass: 'GLONASS', beidou: 'BeiDou', sbas: 'SBAS', qzss: 'QZSS' };

/** @param {readonly Satellite[]} satellites */
function systemsOf(satellites) {
  const names = [...new Set(satellites.map(({ gnss }) => gnss))].toSorted();
  return `${names.map((name) => `${LETTERS[name] ?? '?'} ${NAMES[name] ?? name}`).join(', ')}.`;
}
