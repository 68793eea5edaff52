/** The sky and the radio as a receiver told them: from UBX or pieced together from NMEA, aged, and bounded. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GnssDecoder } from '../../../src/core/gnss/decoder.ts';
import { TelemetryFold } from '../../../src/core/gnss/receiver-telemetry.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { monoInstant, type MonoInstant } from '../../../src/core/time/nanos.ts';
import { navSat, nmea } from '../../../src/sim/receiver-frames.ts';

const second = (n: number): MonoInstant => monoInstant(BigInt(n) * 1_000_000_000n);

function listening() {
  const telemetry = new TelemetryFold();
  const decoder = new GnssDecoder((received) => telemetry.observe(received));
  return { telemetry, hear: (bytes: Uint8Array, at: number) => decoder.push(bytes, second(at)) };
}

test('nothing was said, so nothing is told', () => {
  const { telemetry } = listening();
  assert.deepEqual(telemetry.at(second(1)), {
    satellites: undefined,
    radio: undefined,
    make: undefined,
    ownAccuracyNs: undefined,
  });
});

test('a sky in one message is told with its age', () => {
  const { telemetry, hear } = listening();
  hear(navSat({ iTowMs: 1_000, satellites: 3, used: 2 }), 5);
  const { satellites } = telemetry.at(second(7));
  assert.equal(satellites!.age, 2_000_000_000n);
  assert.deepEqual(
    satellites!.value.map(({ satelliteId, isUsed }) => [satelliteId, isUsed]),
    [
      [1, true],
      [2, true],
      [3, false],
    ],
  );
  assert.deepEqual(satellites!.value[1], {
    gnss: 'gps',
    satelliteId: 2,
    elevationDegrees: 45,
    azimuthDegrees: 30,
    cnoDbHz: 40,
    isUsed: true,
  });
});

test('a sky in pieces is told when its last piece came; of two signals the stronger counts', () => {
  const { telemetry, hear } = listening();
  hear(nmea('GPGSV,2,1,05,01,40,083,46,02,17,308,41,12,07,344,39,14,22,228,45,1'), 1);
  assert.equal(telemetry.at(second(1)).satellites, undefined, 'half a sky is none');
  hear(nmea('GPGSV,2,2,05,15,05,120,,1'), 1);
  hear(nmea('GPGSV,1,1,02,01,40,083,49,14,22,228,30,5'), 1);
  hear(nmea('GLGSV,1,1,01,65,30,100,33,1'), 2);
  hear(nmea('GNGSA,A,3,01,14,,,,,,,,,,,1.5,0.9,1.2,1'), 2);
  const { satellites } = telemetry.at(second(3));
  assert.equal(satellites!.age, 1_000_000_000n);
  const byName = new Map(satellites!.value.map((s) => [`${s.gnss} ${s.satelliteId}`, s]));
  assert.deepEqual([...byName.keys()], ['gps 1', 'gps 2', 'gps 12', 'gps 14', 'gps 15', 'glonass 65']);
  assert.deepEqual([byName.get('gps 1')!.cnoDbHz, byName.get('gps 14')!.cnoDbHz], [49, 45]);
  assert.equal(byName.get('gps 15')!.cnoDbHz, undefined, 'in view, not tracked');
  assert.deepEqual(
    [...byName].filter(([, s]) => s.isUsed).map(([name]) => name),
    ['gps 1', 'gps 14'],
  );
});

test('the whole sky of UBX is preferred while it is fresh, and given up when it falls silent', () => {
  const { telemetry, hear } = listening();
  hear(nmea('GPGSV,1,1,01,09,40,083,46,1'), 1);
  hear(navSat({ iTowMs: 1_000, satellites: 2 }), 1);
  assert.equal(telemetry.at(second(2)).satellites!.value.length, 2);
  hear(nmea('GPGSV,1,1,01,09,40,083,46,1'), 20);
  assert.deepEqual(
    telemetry.at(second(20)).satellites!.value.map(({ satelliteId }) => satelliteId),
    [9],
  );
});

test('whatever a stranger writes, what is kept stays bounded', () => {
  const { telemetry, hear } = listening();
  for (let signal = 0; signal < 100; signal++)
    for (let n = 0; n < 50; n++)
      hear(nmea(`GPGSV,1,1,04,${4 * n},1,1,9,${4 * n + 1},1,1,9,${4 * n + 2},1,1,9,${4 * n + 3},1,1,9,${signal}`), 1);
  for (let part = 1; part <= 9; part++) hear(nmea(`XXGSV,9,${part},36,1,1,1,9,2,1,1,9,3,1,1,9,4,1,1,9,1`), 1);
  const { satellites } = telemetry.at(second(1));
  assert.ok(satellites!.value.length <= LIMITS.gnssSatellitesMax);
  assert.ok(satellites!.value.length <= 8 * 4, 'eight signals of one constellation, four satellites each');
});
