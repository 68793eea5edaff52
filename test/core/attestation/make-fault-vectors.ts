/** Writes test/vectors/fault-proof.json. Run it with node when the format changes on purpose. */

import { faultBetween, faultInReports, type LaneFault } from '../../../src/core/attestation/fault.ts';
import { encodeFaultProof } from '../../../src/core/attestation/fault-proof.ts';
import { encodeGenesis, networkIdOf } from '../../../src/core/attestation/genesis.ts';
import { encodeReports } from '../../../src/core/attestation/reports.ts';
import type { Statement } from '../../../src/core/attestation/statement.ts';
import type { SignedStatement } from '../../../src/core/attestation/verify-statement.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { signCheckpoint } from '../../../src/core/log/checkpoint.ts';
import { originOf } from '../../../src/core/log/origin.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { nanos, shift } from '../../../src/core/time/nanos.ts';
import type { Signer } from '../../../src/ports/signer.ts';
import { ALICE, BOB, digestOf, NETWORK, sign, statement, STRANGER } from './actors.ts';
import { genesis, validator } from './networks.ts';
import { writeVectors, type Vector } from './vector-file.ts';

type AnyVector = Vector<Record<string, unknown>, Record<string, unknown>>;
// ---- fault proofs

const faultVectors: AnyVector[] = [];
const judgeGenesis = genesis([validator('alice', ALICE), validator('bob', BOB)]);
const { time } = statement();
const [low, high] = [digestOf('a'), digestOf('b')].toSorted((a, b) => Buffer.compare(a, b)) as [Uint8Array, Uint8Array];
const later = shift(time.tai, nanos(10_000_000n));
const judgeNetwork = networkIdOf(judgeGenesis);
const ours = (overrides: Partial<Statement>, signer: Signer = ALICE): SignedStatement =>
  sign(statement({ network: judgeNetwork, ...overrides }), signer);
const proofOf = (shown: LaneFault, of: Uint8Array = judgeNetwork): string => encodeFaultProof({ network: of, shown });
function rightFault(name: string, shown: LaneFault | undefined, why: string): void {
  if (shown === undefined) throw new Error(`${name} shows nothing`);
  faultVectors.push({
    name,
    input: { proof: proofOf(shown) },
    expect: { code: null, fault: shown.code, kid: toHex(ALICE.kid) },
    why,
  });
}
function wrongFault(name: string, text: string, code: string, why: string): void {
  faultVectors.push({ name, input: { proof: text }, expect: { code }, why });
}
const five = ours({});
const fiveAgain = ours({ evidence: digestOf('other evidence') });
const six = ours({ seq: 6n, previous: five.id, time: { ...time, tai: later } });
const sixBack = ours({ seq: 6n, previous: five.id, time: { ...time, tai: shift(time.tai, nanos(-1n)) } });
const nineSame = ours({ seq: 9n });
const sixUnlinked = ours({ seq: 6n, previous: fiveAgain.id, time: { ...time, tai: later } });
const earlySeen = interval(shift(time.tai, nanos(-900n)), time.tai);
const early = encodeReports({ ...time, tai: later }, [{ subject: low, seen: earlySeen }]);
const sixEarly = ours({ seq: 6n, previous: five.id, time: { ...time, tai: later }, subject: early.root });
const origin = originOf({ network: judgeNetwork, kid: ALICE.kid });
const note = (size: number, root: Uint8Array, signer: Signer = ALICE, of: string = origin): Uint8Array =>
  signCheckpoint({ origin: of, size, root }, { sign: (bytes) => signer.sign(bytes), publicKey: signer.publicKey });
const e1 = faultBetween(five, fiveAgain)!;
const reversed = (shown: LaneFault): LaneFault =>
  shown.code === 'E3'
    ? { ...shown, checkpoints: [shown.checkpoints[1], shown.checkpoints[0]] }
    : { ...shown, statements: [shown.statements[1], shown.statements[0]] };
const e3: LaneFault = { code: 'E3', checkpoints: [note(7, low), note(7, high)] };
rightFault('double statement', e1, 'E1: one epoch and seq, two statements');
rightFault('time ran back', faultBetween(five, sixBack), 'E2: a later seq, an earlier time');
rightFault('time stood still', faultBetween(nineSame, five), 'E2: not strictly later; the two need not be neighbours');
rightFault(
  'reports ran back',
  faultInReports(five, sixEarly, early.bytes),
  'E2: seen wholly before the previous statement',
);
rightFault('broken chain', faultBetween(five, sixUnlinked), 'E4: the link names another statement');
rightFault('forked lane', e3, 'E3: one size, two roots');
const edit = (text: string, change: (record: Record<string, unknown>) => unknown): string => {
  const record = JSON.parse(text) as Record<string, unknown>;
  change(record);
  return JSON.stringify(record);
};
const text = proofOf(e1);
wrongFault('nothing', '', 'fault-format', 'no text');
wrongFault('not JSON', 'E1', 'fault-format', 'an object');
wrongFault(
  'version 2',
  edit(text, (r) => (r['momentd_fault'] = 2)),
  'fault-format',
  'unknown',
);
wrongFault(
  'code E5',
  edit(text, (r) => (r['code'] = 'E5')),
  'fault-format',
  'a disjoint interval is a report, not a fault',
);
wrongFault(
  'an unknown key',
  edit(text, (r) => (r['author'] = 'me')),
  'fault-format',
  'exactly the fields',
);
wrongFault(
  'one statement',
  edit(text, (r) => (r['statements'] as unknown[]).pop()),
  'fault-format',
  'two',
);
wrongFault(
  'three statements',
  edit(text, (r) => (r['statements'] as unknown[]).push('00')),
  'fault-format',
  'two',
);
wrongFault(
  'statements not hexadecimal',
  edit(text, (r) => ((r['statements'] as unknown[])[0] = 'xyz')),
  'fault-format',
  'lower-case hexadecimal',
);
wrongFault(
  'network of 31 bytes',
  edit(text, (r) => (r['network'] = '00'.repeat(31))),
  'fault-format',
  '32 bytes',
);
wrongFault(
  'E2 without body key',
  edit(text, (r) => (r['code'] = 'E2')),
  'fault-format',
  'body is there, null where it has none',
);
wrongFault(
  'E3 with statements',
  edit(text, (r) => (r['code'] = 'E3')),
  'fault-format',
  'checkpoints',
);
faultVectors.push({
  name: 'too long',
  input: { proof_spaces: 131_073 },
  expect: { code: 'fault-too-long' },
  why: 'refused by length; so many spaces',
});
wrongFault('another network', proofOf(e1, NETWORK), 'fault-network', 'not the genesis record beside it');
wrongFault(
  'exhibits of another network',
  proofOf(faultBetween(sign(statement()), sign(statement({ evidence: low })))!),
  'fault-exhibit',
  'statement-network',
);
wrongFault(
  'a stranger',
  proofOf(faultBetween(ours({}, STRANGER), ours({ evidence: low }, STRANGER))!),
  'fault-exhibit',
  'key-unknown',
);
wrongFault(
  'a forged exhibit',
  proofOf({
    code: 'E1',
    statements: [
      e1.code === 'E1' ? e1.statements[0] : low,
      new Uint8Array(five.bytes).with(-1, five.bytes.at(-1)! ^ 0x20),
    ],
  }),
  'fault-exhibit',
  'signature-invalid',
);
wrongFault(
  'the same statement twice',
  proofOf({ code: 'E1', statements: [five.bytes, five.bytes] }),
  'fault-not-shown',
  'no contradiction',
);
wrongFault(
  'statements in the other order',
  proofOf(reversed(e1)),
  'fault-not-shown',
  'one fault, one proof: ascending by id',
);
wrongFault(
  'two validators',
  proofOf({ code: 'E1', statements: [five.bytes, ours({}, BOB).bytes] }),
  'fault-not-shown',
  'two keys',
);
wrongFault(
  'two epochs',
  proofOf({ code: 'E1', statements: [five.bytes, ours({ epoch: 1n }).bytes] }),
  'fault-not-shown',
  'two epochs',
);
wrongFault(
  'E1 of neighbours',
  proofOf({ code: 'E1', statements: [five.bytes, six.bytes] }),
  'fault-not-shown',
  'two sequence numbers',
);
wrongFault(
  'E2 where time goes on',
  proofOf({ code: 'E2', statements: [five.bytes, six.bytes], body: undefined }),
  'fault-not-shown',
  'later is right',
);
wrongFault(
  'E2 by honest reports',
  proofOf({ code: 'E2', statements: [five.bytes, six.bytes], body: early.bytes }),
  'fault-not-shown',
  'the body is not that of the statement',
);
wrongFault(
  'E4 of a chain that holds',
  proofOf({ code: 'E4', statements: [five.bytes, six.bytes] }),
  'fault-not-shown',
  'the link is right',
);
wrongFault(
  'E4 of strangers in the chain',
  proofOf({ code: 'E4', statements: [five.bytes, ours({ seq: 9n, time: { ...time, tai: later } }).bytes] }),
  'fault-not-shown',
  'not neighbours',
);
wrongFault(
  'E4 in place of E2',
  proofOf({ code: 'E4', statements: [five.bytes, sixBack.bytes] }),
  'fault-not-shown',
  'it shows E2',
);
wrongFault(
  'checkpoints of two sizes',
  proofOf({ code: 'E3', checkpoints: [note(7, low), note(8, high)] }),
  'fault-not-shown',
  'a lane grows',
);
wrongFault(
  'one checkpoint twice',
  proofOf({ code: 'E3', checkpoints: [note(7, low), note(7, low)] }),
  'fault-not-shown',
  'no contradiction',
);
wrongFault('checkpoints in the other order', proofOf(reversed(e3)), 'fault-not-shown', 'ascending by root');
const bobs = originOf({ network: judgeNetwork, kid: BOB.kid });
wrongFault(
  'checkpoints of two lanes',
  proofOf({ code: 'E3', checkpoints: [note(7, low), note(7, high, BOB, bobs)] }),
  'fault-not-shown',
  'two origins',
);
wrongFault(
  "a checkpoint by another's key",
  proofOf({ code: 'E3', checkpoints: [note(7, low), note(7, high, BOB)] }),
  'fault-exhibit',
  'not signed by whose lane it is',
);
const foreign = originOf({ network: NETWORK, kid: ALICE.kid });
wrongFault(
  'checkpoints of another network',
  proofOf({ code: 'E3', checkpoints: [note(7, low, ALICE, foreign), note(7, high, ALICE, foreign)] }),
  'fault-exhibit',
  'origin of another network',
);
wrongFault(
  'checkpoints unsigned',
  edit(proofOf(e3), (r) => ((r['checkpoints'] as string[])[0] = `${origin}\n7\n`)),
  'fault-exhibit',
  'no note',
);
writeVectors('fault-proof.json', {
  about:
    'Fault proofs against the genesis record below: whom and what they prove, or the code they are refused with. docs/spec/fault-proof.md.',
  genesis: toHex(encodeGenesis(judgeGenesis)),
  vectors: faultVectors,
});
