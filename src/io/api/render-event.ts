/** Events as the API tells them: one entry per kind, which is its schema and how it is rendered, so that neither lacks a kind. */

import { toHex } from '../../core/codec/hex.ts';
import type { AgentEvent, EventKind, LoggedEvent } from '../../ports/event-log.ts';
import { alertCodeText, alertUnitText, severityText } from './schemas/alerts.ts';
import { codeText, countText, digestText, exactly, nanosecondsText, orNull } from './schemas/common.ts';

type EventOf<Kind extends EventKind> = Extract<AgentEvent, { kind: Kind }>;
type EventForms = {
  readonly [Kind in EventKind]: {
    readonly says: string;
    readonly fields: Readonly<Record<string, object>>;
    readonly render: (event: EventOf<Kind>) => Readonly<Record<string, string | number | boolean | null>>;
  };
};

const text = { type: 'string' };
const state = { type: 'string', enum: ['acquiring', 'locked', 'holdover', 'unsynchronized', 'faulted'] };
const verdict = { type: 'string', enum: ['truechimer', 'falseticker', 'shares-cause', 'unusable'] };
const kidText = { type: 'string', pattern: '^[0-9a-f]{16}$', description: 'key id of a validator' };
const hexOrNull = (bytes: Uint8Array | undefined): string | null => (bytes === undefined ? null : toHex(bytes));

const FORMS: EventForms = {
  'clock-changed': {
    says: 'the state of the clock changed, for this reason',
    fields: { from: state, to: state, code: codeText },
    render: ({ from, to, code }) => ({ from, to, code }),
  },
  'attesting-changed': {
    says: 'signing began, or stopped for this reason',
    fields: { signing: { type: 'boolean' }, code: orNull(codeText) },
    render: ({ code }) => ({ signing: code === undefined, code: code ?? null }),
  },
  warned: {
    says: 'something will need a person before long',
    fields: { code: codeText },
    render: ({ code }) => ({ code }),
  },
  'source-judged': {
    says: 'a source is judged otherwise than before',
    fields: { source: text, from: orNull(verdict), to: verdict, code: orNull(codeText) },
    render: ({ source, from, to, code }) => ({ source, from: from ?? null, to, code: code ?? null }),
  },
  'presence-changed': {
    says: 'a source or receiver is gone, or answers again',
    fields: { source: text, present: { type: 'boolean' }, code: codeText },
    render: ({ source, present, code }) => ({ source, present, code }),
  },
  'statement-committed': {
    says: 'a statement is signed and durable',
    fields: {
      seq: countText,
      statement_id: digestText,
      statement_kind: text,
      tai_ns: nanosecondsText,
      guarantee_ns: nanosecondsText,
    },
    render: ({ seq, id, statement, tai, guarantee }) => ({
      seq: seq.toString(),
      statement_id: toHex(id),
      statement_kind: statement,
      tai_ns: tai.toString(),
      guarantee_ns: guarantee.toString(),
    }),
  },
  'commit-refused': {
    says: 'a statement could not be committed',
    fields: { code: codeText, detail: text },
    render: ({ code, detail }) => ({ code, detail }),
  },
  'alert-changed': {
    says: 'an alert began to fire, or is over',
    fields: {
      code: alertCodeText,
      severity: severityText,
      source: orNull({ ...text, description: 'the source it is about, where it is about one' }),
      raised: { type: 'boolean' },
      value: { type: 'number', description: 'what made it fire; when it is over, the worst meanwhile' },
      unit: alertUnitText,
    },
    render: ({ code, severity, source, isRaised, value, unit }) => ({
      code,
      severity,
      source: source ?? null,
      raised: isRaised,
      value,
      unit,
    }),
  },
  'peer-joined': {
    says: 'a peer was greeted',
    fields: { peer: text, kid: orNull(kidText) },
    render: ({ peer, kid }) => ({ peer, kid: hexOrNull(kid) }),
  },
  'peer-left': {
    says: 'a peer is no longer connected',
    fields: { peer: text, kid: orNull(kidText), code: orNull(codeText) },
    render: ({ peer, kid, code }) => ({ peer, kid: hexOrNull(kid), code: code ?? null }),
  },
  'fault-found': {
    says: 'a validator is convicted by a proof that is kept',
    fields: { code: codeText, kid: kidText, detail: text },
    render: ({ code, kid, detail }) => ({ code, kid: toHex(kid), detail }),
  },
  'subjects-final': {
    says: 'subjects became final, from this position of the order on',
    fields: { first: countText, count: { type: 'integer' } },
    render: ({ first, count }) => ({ first: first.toString(), count }),
  },
};

export const EVENT_KINDS = Object.keys(FORMS) as readonly EventKind[];

/** `RUN-N`: an id that says of which run of the agent it is. */
export const eventIdText = {
  type: 'string',
  pattern: '^[0-9a-f]{8}-[0-9]{1,15}$',
  description: 'the run of the agent, and the place in it',
};

export const eventIdOf = (run: string, id: number): string => `${run}-${id}`;

/** Undefined where the text is no id of an event. */
export function parseEventId(idText: string): { readonly run: string; readonly id: number } | undefined {
  const parts = /^([0-9a-f]{8})-([0-9]{1,15})$/.exec(idText);
  return parts === null ? undefined : { run: parts[1]!, id: Number(parts[2]) };
}

export const eventSchema = {
  oneOf: EVENT_KINDS.map((kind) =>
    exactly(
      {
        id: eventIdText,
        kind: { type: 'string', enum: [kind] },
        at_mono_ns: countText,
        host_utc: {
          type: 'string',
          description: 'what the host’s own clock said: to find it in a log, never attested',
        },
        ...FORMS[kind].fields,
      },
      FORMS[kind].says,
    ),
  ),
};

export function renderEvent(run: string, { id, at, hostUtcMs, event }: LoggedEvent) {
  const render = FORMS[event.kind].render as (event: AgentEvent) => Readonly<Record<string, unknown>>;
  return {
    id: eventIdOf(run, id),
    kind: event.kind,
    at_mono_ns: at.toString(),
    host_utc: new Date(hostUtcMs).toISOString(),
    ...render(event),
  };
}
