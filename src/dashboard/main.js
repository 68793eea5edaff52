/** The page, put together: which answer goes to which panel, and how often each is asked for. */

import { byId, el, keyed, setText } from './dom.js';
import { feed } from './feeds.js';
import { startLink, tellLink } from './link.js';
import { panel } from './panel.js';
import { showAlerts } from './panels/alerts.js';
import { showBudget } from './panels/budget.js';
import { showNow } from './panels/now.js';
import { showOscillator } from './panels/oscillator.js';
import { showScale } from './panels/scale.js';
import { showSources } from './panels/sources.js';
import { startTheme } from './theme.js';

startTheme();
startLink();

const statusPanels = [
  panel('budget', { absent: 'This agent tells no budget.', show: showBudget }),
  panel('sources', { absent: 'This agent tells no sources.', show: showSources }),
  panel('basis', { absent: 'This agent tells no assumptions.', show: showBasis }),
];
feed('/v1/status', 1_000, (answer) => {
  tellLink(answer);
  if (answer.kind === 'ok') {
    showNow(answer.body);
    showScale(answer.body);
  }
  for (const tell of statusPanels) tell(answer);
});

feed('/v1/alerts', 2_000, panel('alerts', { absent: 'This agent judges no alerts itself.', show: showAlerts }));

feed(
  '/v1/drift?span_s=3600&points=400',
  5_000,
  panel('oscillator', { absent: 'This agent keeps no drift history.', show: showOscillator }),
);

/**
 * @param {import('./answers.js').Status} status
 * @returns {string | undefined}
 */
function showBasis({ assumptions }) {
  keyed(byId('assumptions'), assumptions, {
    key: (assumption) => assumption,
    create: () => el('li'),
    update: (item, assumption) => setText(item, assumption),
  });
  return assumptions.length === 0 ? 'None is declared.' : undefined;
}
