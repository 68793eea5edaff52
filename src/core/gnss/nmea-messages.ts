/**
 * The table of NMEA sentences we read, by the three letters of their formatter, for every talker.
 *
 * Proprietary sentences (`$P…`), sentences of other kinds and sentences that carry no checksum are named and counted;
 * their content is never used.
 */

import { NmeaFields } from './nmea-fields.ts';
import { readGsa, readGsv, type Gsa, type Gsv } from './nmea-sky.ts';
import {
  readGga,
  readGll,
  readGns,
  readRmc,
  readZda,
  type Gga,
  type Gll,
  type Gns,
  type Rmc,
  type Zda,
} from './nmea-time.ts';
import type { Malformed } from './ubx-messages.ts';

export type KnownNmea = Rmc | Zda | Gga | Gns | Gll | Gsa | Gsv;

/** A sentence outside our table, or one without a checksum. */
export type UnknownNmea = {
  readonly type: 'unknown-nmea';
  /** What stands between the `$` and the first comma. */
  readonly address: string;
  readonly hasChecksum: boolean;
};

type Layout = {
  /** Fewest fields, the address included, that make the sentence of any use. */
  readonly fieldsMin: number;
  readonly read: (talker: string, fields: NmeaFields) => KnownNmea;
};

const LAYOUTS: ReadonlyMap<string, Layout> = new Map<string, Layout>([
  ['RMC', { fieldsMin: 10, read: readRmc }],
  ['ZDA', { fieldsMin: 5, read: readZda }],
  ['GGA', { fieldsMin: 10, read: readGga }],
  ['GNS', { fieldsMin: 10, read: readGns }],
  ['GLL', { fieldsMin: 7, read: readGll }],
  ['GSA', { fieldsMin: 18, read: readGsa }],
  ['GSV', { fieldsMin: 4, read: readGsv }],
]);

export class NmeaReader {
  readonly #fields = new NmeaFields();

  /** Judges one framed sentence, `$` or `!` first; `hasChecksum` says that it carried one and that it held. */
  read(bytes: Uint8Array, hasChecksum: boolean): KnownNmea | UnknownNmea | Malformed {
    const fields = this.#fields.pointAt(bytes, 1, bytes.length - (hasChecksum ? 3 : 0));
    const address = fields.text(0) ?? '';
    const layout = address.length === 5 && !address.startsWith('P') ? LAYOUTS.get(address.slice(2)) : undefined;
    if (layout === undefined || !hasChecksum) return { type: 'unknown-nmea', address, hasChecksum };
    if (fields.count < layout.fieldsMin) return { type: 'malformed', of: address, problem: `${fields.count} fields` };
    const message = layout.read(address.slice(0, 2), fields);
    return fields.problem === undefined ? message : { type: 'malformed', of: address, problem: fields.problem };
  }
}
