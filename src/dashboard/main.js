/** The page, put together: which answer goes to which panel, and how often each is asked for. */

import { byId, el, keyed, setText } from './dom.js';
import { feed } from './feeds.js';
import { startLink, tellLink } from './link.js';
import { panel } from './panel.js';
import { showAlerts } from './panels/alerts.js';
import { showBudget } from './panels/budget.js';
import { startEvents } from './panels/events.js';
import { historyPath, showHistory } from './panels/history.js';
import { showNow } from './panels/now.js';
import { showLanes, tellSelf } from './panels/lanes.js';
import { showNetwork } from './panels/network.js';
import { orderPath, showOrder, tellOrderStatus } from './panels/order.js';
import { showOscillatorFacts } from './panels/oscillator-facts.js';
import { showOscillator } from './panels/oscillator.js';
import { showPeers, tellGuarantee, tellNames } from './panels/peers.js';
import { showReceivers } from './panels/receivers.js';
import { showScale } from './panels/scale.js';
import { showSources } from './panels/sources.js';
import { startTheme } from './theme.js';

const NO_NETWORK = 'This agent runs without a network.';

startTheme();
startLink();

const statusPanels = [
  panel('budget', { absent: 'This agent tells no budget.', show: showBudget }),
  panel('sources', { absent: 'This agent tells no sources.', show: showSources }),
  panel('basis', { absent: 'This agent tells no assumptions.', show: showBasis }),
];
const askStatus = feed('/v1/status', 1_000, (answer) => {
  tellLink(answer);
  if (answer.kind === 'ok') {
    showNow(answer.body);
    showScale(answer.body);
    tellGuarantee(answer.body);
  }
  for (const tell of statusPanels) tell(answer);
});

const askAlerts = feed(
  '/v1/alerts',
  2_000,
  panel('alerts', { absent: 'This agent judges no alerts itself.', show: showAlerts }),
);

feed(
  '/v1/drift?span_s=3600&points=400',
  5_000,
  panel('oscillator', { absent: 'This agent keeps no drift history.', show: showOscillator }),
);

const askHistory = feed(
  historyPath(() => askHistory()),
  3_000,
  panel('history', { absent: 'This agent keeps no history of its guarantee.', show: showHistory }),
);

feed(
  '/v1/receivers',
  2_000,
  panel('receivers', { absent: 'This agent tells nothing of its receivers.', show: showReceivers }),
);
feed(
  '/v1/oscillator',
  5_000,
  panel('oscillator-facts', { absent: 'This agent tells nothing of its oscillators.', show: showOscillatorFacts }),
);
feed('/v1/network', 2_000, (answer) => {
  if (answer.kind !== 'ok') return;
  showNetwork(answer.body);
  tellSelf(answer.body);
  tellNames(answer.body);
});
feed('/v1/peers', 2_000, panel('peers', { absent: NO_NETWORK, show: showPeers }));
feed('/v1/lanes', 2_000, panel('lanes', { absent: NO_NETWORK, show: showLanes }));
const askOrder = feed(orderPath, 2_000, panel('order', { absent: 'This agent works out no order.', show: showOrder }));
feed('/v1/order/status', 1_000, (answer) => tellOrderStatus(answer, askOrder));

startEvents(() => {
  askStatus();
  askAlerts();
});

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
