/**
 * Which broken rule is which offence. Only rejections come here: what we merely cannot judge is nobody's offence.
 */

import type { Code } from '../../core/codes.ts';
import type { Offence } from '../../core/peers/standing.ts';

/** Bytes that are well-formed and signed, or need no signature, and still break a rule of the network. */
const RULES: ReadonlySet<Code> = new Set<Code>([
  'statement-network',
  'statement-previous',
  'statement-subject',
  'reports-root',
  'fault-network',
  'fault-not-shown',
]);

const SIGNATURES: ReadonlySet<Code> = new Set<Code>([
  'signature-invalid',
  'signature-s-range',
  'signature-r-not-canonical',
  'signature-r-small-order',
  'checkpoint-signature',
  'fault-exhibit',
]);

export function offenceOf(code: Code): Offence {
  if (code === 'message-unsolicited') return 'unsolicited';
  if (SIGNATURES.has(code)) return 'bad-signature';
  return RULES.has(code) ? 'rule-broken' : 'malformed';
}
