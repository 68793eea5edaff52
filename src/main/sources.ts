/**
 * The configured sources, each behind the same port, whatever stands behind it, and the pulses of every input led to the
 * receiver that can say which second they mark.
 */

import { UTC_SETTLING_DEFAULT } from '../core/gnss/time-of-day.ts';
import { RELEASE_DATE } from '../core/clock/configuration.ts';
import type { ReceiverTelemetry } from '../core/gnss/receiver-telemetry.ts';
import type { LeapTable } from '../core/time/leap-seconds.ts';
import type { MonoInstant } from '../core/time/nanos.ts';
import type { OscillatorFacts } from '../core/timecard/oscillator-facts.ts';
import type { DeviceFailure } from '../io/clocks/device-failure.ts';
import { HOST_ROOTS } from '../io/clocks/discovery.ts';
import type { ExttsOptions } from '../io/clocks/extts-inputs.ts';
import type { RealHostClock } from '../io/clocks/host-clock.ts';
import { loadNative, requireNative, type Native } from '../io/clocks/native.ts';
import { PhcSource } from '../io/clocks/phc-source.ts';
import { PpsSource } from '../io/clocks/pps-source.ts';
import { SystemClock } from '../io/clocks/system-clock.ts';
import { fileTree } from '../io/clocks/sysfs.ts';
import { referenceOf } from '../io/config/clock-config.ts';
import type { Config, ReceiverConfig, SourceConfig } from '../io/config/config.ts';
import { ReceiverSource } from '../io/receiver/receiver-source.ts';
import { openSerialLine } from '../io/receiver/serial-line.ts';
import { OscillatorPort } from '../io/timecard/oscillator-port.ts';
import { listTimeCards, windowAdjustOf, type TimeCard } from '../io/timecard/time-cards.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { CardFacts, DeviceTelemetry } from '../ports/device-view.ts';
import type { EdgeSink } from '../ports/edges.ts';
import type { Log } from '../ports/log.ts';
import type { TimeSource } from '../ports/source.ts';
import { CardSource } from '../sim/card-source.ts';
import { DrillFile } from '../sim/drill.ts';
import { simAnchor } from './sim-world.ts';

export type SourceNeeds = {
  readonly host: RealHostClock;
  readonly log: Log;
  readonly leapTable: LeapTable;
};

type CardConfig = Extract<SourceConfig, { kind: 'timecard' }>;
type SimConfig = Extract<SourceConfig, { kind: 'sim' }>;

/** The sources as the loop takes them, and what they know of their devices for those who look. */
export type BuiltSources = { readonly sources: readonly TimeSource[]; readonly telemetry: DeviceTelemetry };

export function buildSources(config: Config, needs: SourceNeeds): BuiltSources {
  const told = new ToldByDevices();
  const receivers = new Map(config.receivers.map((receiver) => [receiver.name, buildReceiver(receiver, needs)]));
  const edgesTo = (reference: string | undefined): EdgeSink | undefined =>
    reference === undefined ? undefined : receivers.get(reference)?.edges;
  for (const [name, receiver] of receivers) told.receivers.set(name, (at) => receiver.telemetryAt(at));
  // Receivers start first, so that no pulse comes before the one who labels it.
  const sources = [
    ...receivers.values(),
    ...config.sources.flatMap((source) => buildSource(source, { ...needs, told }, edgesTo)),
  ];
  return { sources, telemetry: told };
}

function buildReceiver(receiver: ReceiverConfig, { host, log, leapTable }: SourceNeeds): ReceiverSource {
  return new ReceiverSource(
    { clock: host, log, plausibleFrom: () => RELEASE_DATE },
    {
      name: receiver.name,
      path: receiver.device,
      baud: receiver.baud,
      configure: receiver.configure,
      receiverPort: 'uart1',
      time: { leapTable, sawtoothSign: 1, utcSettling: UTC_SETTLING_DEFAULT },
    },
  );
}

/** How each device is asked, by its configured name. */
class ToldByDevices implements DeviceTelemetry {
  readonly receivers = new Map<string, (at: MonoInstant) => ReceiverTelemetry | undefined>();
  readonly oscillators = new Map<string, OscillatorFacts>();
  readonly cards = new Map<string, () => CardFacts | undefined>();

  receiver(name: string, at: MonoInstant): ReceiverTelemetry | undefined {
    return this.receivers.get(name)?.(at);
  }

  oscillator(source: string): OscillatorFacts | undefined {
    return this.oscillators.get(source);
  }

  card(source: string): CardFacts | undefined {
    return this.cards.get(source)?.();
  }
}

type BuildNeeds = SourceNeeds & { readonly told: ToldByDevices };
type EdgesTo = (reference: string | undefined) => EdgeSink | undefined;

function buildSource(source: SourceConfig, needs: BuildNeeds, edgesTo: EdgesTo): readonly TimeSource[] {
  const { host, leapTable, log } = needs;
  switch (source.kind) {
    case 'sim':
      return [buildSimulated(source, needs)];
    case 'system': {
      const native = hardware(source, needs);
      return [new SystemClock({ native, clock: host, leaps: () => leapTable }, { name: source.name })];
    }
    case 'phc': {
      const { name, device, extts_channel: channel, pin } = source;
      const pins = channel === undefined || pin === undefined ? [] : [{ pin, channel }];
      return [
        new PhcSource(
          { native: hardware(source, needs), clock: host, onProblem: problemLog(log, name) },
          { name, device, timescale: { kind: 'tai' }, ...edgesOf(channel, pins, edgesTo(source.reference)) },
        ),
      ];
    }
    case 'timecard':
      return buildCard(source, needs, edgesTo);
    case 'pps': {
      const sink = edgesTo(source.reference);
      if (sink === undefined) throw unwired(source.name, `no receiver named ${source.reference} labels its pulses`);
      const native = hardware(source, needs);
      return [
        new PpsSource(
          { native, clock: host, sink, onProblem: problemLog(log, source.name) },
          { name: source.name, device: source.device },
        ),
      ];
    }
  }
}

function buildSimulated(source: SimConfig, { host, leapTable, log, told }: BuildNeeds): TimeSource {
  const { name, seed, faults_file: path } = source;
  const reference = referenceOf(source)!;
  const card = new CardSource(host, { name, reference, seed, ...simAnchor(source.world, host), leapTable });
  told.receivers.set(reference, (at) => card.receiverTelemetry(at));
  if (path === undefined) return card;
  const drill = new DrillFile(
    {
      setFault: (fault, on, magnitude) => card.setFault(fault, on, magnitude),
      onChange: (faults, unknown) =>
        log.write('warn', 'faults of a simulated card follow a file', {
          source: name,
          path,
          faults: faults.join(', '),
          not_understood: unknown.length === 0 ? undefined : unknown.join(', '),
        }),
    },
    path,
  );
  return {
    name,
    start: async (emit) => {
      await card.start(emit);
      drill.start();
    },
    stop: async () => {
      drill.stop();
      await card.stop();
    },
  };
}

/** A card is found by its number or its serial number; its clock, its pulse input and its oscillator go together. */
function buildCard(source: CardConfig, needs: BuildNeeds, edgesTo: EdgesTo): readonly TimeSource[] {
  const { host, log } = needs;
  const card = listTimeCards(fileTree, HOST_ROOTS).find(({ name, serial }) => [name, serial].includes(source.card));
  if (card === undefined) throw unwired(source.name, `no time card ${source.card} is on this host`);
  if (card.phc === undefined) throw unwired(source.name, `the driver of ${card.name} offers no PTP clock`);
  const clock = new PhcSource(
    { native: hardware(source, needs), clock: host, onProblem: problemLog(log, source.name) },
    {
      name: source.name,
      device: card.pciAddress === undefined ? card.phc : `pci:${card.pciAddress}`,
      timescale: { kind: 'tai' },
      windowAdjust: windowAdjustOf(fileTree, card),
      ...edgesOf(source.extts_channel, [], edgesTo(source.reference)),
    },
  );
  needs.told.cards.set(source.name, () => cardFacts(card.name));
  return source.oscillator_line === undefined ? [clock] : [clock, buildOscillator(source, card, needs)];
}

function buildOscillator(source: CardConfig, card: TimeCard, { host, log, told }: BuildNeeds): TimeSource {
  const port = card.ports.find(({ role }) => role === 'mac');
  if (port === undefined) throw unwired(source.name, `${card.name} has no serial line to its oscillator`);
  const line = new OscillatorPort(
    {
      clock: host,
      openLine: openSerialLine,
      onFacts: (facts) => told.oscillators.set(source.name, facts),
      onProblem: (code, message) =>
        log.write('warn', 'the oscillator does not answer', { source: source.name, code, message }),
    },
    { source: source.name, kind: source.oscillator_line!, path: port.path },
  );
  return { name: `${source.name}-oscillator`, start: (emit) => line.start(emit), stop: () => line.stop() };
}

/** How the card is set now; undefined once it is gone. */
function cardFacts(cardName: string): CardFacts | undefined {
  const card = listTimeCards(fileTree, HOST_ROOTS).find(({ name }) => name === cardName);
  if (card === undefined) return undefined;
  const { name, serial, clockSource, pulse, servoOffsetNs, servoDrift, utcTaiOffsetSeconds, connectors } = card;
  return { name, serial, clockSource, pulse: pulse?.kind, servoOffsetNs, servoDrift, utcTaiOffsetSeconds, connectors };
}

/** The pulse input of a clock, where it has one and somebody labels its seconds. */
function edgesOf(
  channel: number | undefined,
  pins: NonNullable<ExttsOptions['pins']>,
  sink: EdgeSink | undefined,
): { readonly edges?: ExttsOptions } {
  return channel === undefined || sink === undefined ? {} : { edges: { channels: [channel], pins, sink } };
}

/** The addon, for a source that cannot do without; a host without it may only simulate. */
function hardware(source: SourceConfig, { host }: SourceNeeds): Native {
  const native = requireNative(loadNative());
  if (host.quality !== 'monotonic-raw') throw unwired(source.name, 'the raw clock cannot be read');
  return native;
}

const problemLog =
  (log: Log, source: string) =>
  ({ code, message }: DeviceFailure): void =>
    log.write('warn', 'a device answers less than it should', { source, code, message });

const unwired = (source: string, why: string): AgentError =>
  new AgentError('source-not-wired', `connect source ${source}: ${why}`, { fields: { source } });
