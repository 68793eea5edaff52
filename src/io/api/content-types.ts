/** What the API answers with beside JSON. */

export const COSE = 'application/cose; cose-type="cose-sign1"';
export const CBOR = 'application/cbor';
export const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';
