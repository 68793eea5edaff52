/** The style sheet's colours for what is drawn on a canvas, as they are under the theme in force. */

/** @type {Map<string, string>} */
const known = new Map();
/** @type {HTMLElement | undefined} */
let probe;

/** Forgets what was resolved: the theme has changed. */
export function forgetColours() {
  known.clear();
}

/**
 * @param {string} token name of a custom property, without its dashes
 * @returns {string}
 */
export function colour(token) {
  const found = known.get(token);
  if (found !== undefined) return found;
  if (probe === undefined) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(--${token})`;
  const value = getComputedStyle(probe).color;
  known.set(token, value);
  return value;
}

/**
 * @param {string} token
 * @param {number} alpha 0..1
 */
export function faint(token, alpha) {
  const channels = colour(token).match(/[\d.]+/g) ?? ['128', '128', '128'];
  return `rgba(${channels.slice(0, 3).join(', ')}, ${alpha})`;
}
