/** Light, dark, or as the system has it: chosen by the reader, kept by the browser where it lets us. */

import { redrawCharts } from './chart.js';
import { forgetColours } from './colours.js';
import { byId, setText } from './dom.js';

const THEMES = /** @type {const} */ (['system', 'light', 'dark']);
const KEY = 'momentd-theme';

export function startTheme() {
  let theme = THEMES.find((each) => each === kept()) ?? 'system';
  const apply = () => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    setText(byId('theme'), `Theme: ${theme}`);
    forgetColours();
    redrawCharts();
  };
  apply();
  byId('theme').addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
    keep(theme);
    apply();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply);
}

function kept() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** @param {string} theme */
function keep(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // A browser that keeps nothing for us still shows the page.
  }
}
