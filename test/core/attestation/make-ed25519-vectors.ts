/** Writes test/vectors/ed25519.json from the crafted cases. Run it with node when the rule changes on purpose. */

import { publicKeyFault, signatureFault } from '../../../src/core/attestation/ed25519-rule.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { checkSignatureAgain, isPrimeOrder } from '../../../src/io/keys/second-opinion.ts';
import { craftedCases, littleEndian, overlongEncodings, seededChance, smallOrderEncodings } from './ed25519-cases.ts';
import { writeVectors, type Vector } from './vector-file.ts';

const WHY: Record<string, string> = {
  honest: 'an ordinary signature',
  'S + L': 'the same signature by another name',
  'mixed R': 'holds with the cofactor only: refused',
  'mixed key, no cofactor needed': 'the equation holds, the key may not be registered',
  'mixed R and key, cancelling': 'the equation holds, the key may not be registered',
};

const vectors: Vector<object, object>[] = [];
const counts = new Map<string, number>();

function add(group: string, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): void {
  const count = (counts.get(group) ?? 0) + 1;
  counts.set(group, count);
  const key = publicKeyFault(publicKey) ?? (isPrimeOrder(publicKey) ? null : 'key-mixed-order');
  const holds = checkSignatureAgain({ publicKey, message, signature });
  const verdict = signatureFault(signature) ?? (holds ? null : 'signature-invalid');
  vectors.push({
    name: `${group} ${count}`,
    input: { public_key: toHex(publicKey), message: toHex(message), signature: toHex(signature) },
    expect: key === null ? { key, signature: verdict } : { key },
    why: WHY[group] ?? group,
  });
}

const chance = seededChance('vectors');
for (let round = 0; round < 3; round++)
  for (const { group, publicKey, message, signature } of craftedCases(chance))
    add(group, publicKey, message, signature);
const [honest] = craftedCases(chance);
for (const r of [...smallOrderEncodings(), ...overlongEncodings()])
  add('every refused R', honest!.publicKey, honest!.message, Uint8Array.of(...r, ...littleEndian(1n)));
for (const key of [...smallOrderEncodings(), ...overlongEncodings()])
  add('every refused key', key, honest!.message, honest!.signature);

writeVectors('ed25519.json', {
  about:
    'The Ed25519 rule. key: why the key may not be registered, or null; signature: why a signature by a registered key is ' +
    'refused, or null when it holds. docs/spec/statement.md, "Signature".',
  vectors,
});
