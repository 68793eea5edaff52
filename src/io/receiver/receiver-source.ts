/**
 * A GNSS receiver on a serial port as a source: its health, and the pulses of any input labelled with its seconds.
 *
 * Composes the serial line with the decoder, the receiver's state and one pairing per pulse input, and stamps every chunk
 * with the host's raw clock as it arrives (0.2 ms late at best, which is nothing to a label). Passive: writes nothing to
 * the receiver unless `configure` says so. A port that is absent, held or lost is looked for again, at growing intervals.
 *
 * What is believed and why is decided in core/gnss; this file moves bytes, timers and observations.
 */

import type { Observation, ReferenceHealth, SourceName } from '../../core/clock/observation.ts';
import { CODES, type Code } from '../../core/codes.ts';
import { GnssDecoder, type ReceivedMessage } from '../../core/gnss/decoder.ts';
import { Pairing, PAIRING_DEFAULTS, type PairingOutcome, type PairingRules } from '../../core/gnss/pairing.ts';
import { ReceiverState } from '../../core/gnss/receiver-state.ts';
import { TelemetryFold, type ReceiverTelemetry } from '../../core/gnss/receiver-telemetry.ts';
import { timeOfDayOf, type TimeOfDay, type TimeOfDayRules } from '../../core/gnss/time-of-day.ts';
import type { ReceiverPort } from '../../core/gnss/ubx-config.ts';
import { LIMITS } from '../../core/limits.ts';
import { millis, seconds, since, type MonoInstant, type TaiInstant } from '../../core/time/nanos.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { EdgeSink, RawEdge, RawPulse } from '../../ports/edges.ts';
import type { HostClock } from '../../ports/host-clock.ts';
import type { Log } from '../../ports/log.ts';
import type { TimeSource } from '../../ports/source.ts';
import { ReceiverSetup } from './receiver-setup.ts';
import type { SerialLine } from '../../ports/serial-line.ts';
import { openSerialLine, type LineOptions } from './serial-line.ts';

export type ReceiverNeeds = {
  readonly clock: HostClock;
  readonly log: Log;
  /** The later of the build date and the last attested time. */
  readonly plausibleFrom: () => TaiInstant;
  /** How a line is opened; the serial port unless a test says otherwise. */
  readonly openLine?: (options: LineOptions, take: (bytes: Uint8Array) => void) => Promise<SerialLine>;
};

export type ReceiverOptions = LineOptions & {
  readonly name: SourceName;
  /** Writes to the receiver only when true. */
  readonly configure: boolean;
  /** Which of the receiver's own ports the line is connected to; used only to configure. */
  readonly receiverPort: ReceiverPort;
  readonly time: Omit<TimeOfDayRules, 'plausibleFrom'>;
  readonly pairing?: Partial<Omit<PairingRules, 'reference'>>;
};

/** The last thing that kept a pulse or a time of day from being used, for status and doctor. */
export type ReceiverProblem = { readonly code: Code; readonly detail: string; readonly at: MonoInstant };

type Presence = { readonly present: boolean; readonly code: Code };

const REOPEN_MILLIS_MIN = 500;
const TICK_MILLIS = 250;

export class ReceiverSource implements TimeSource {
  readonly name: SourceName;
  readonly #needs: ReceiverNeeds;
  readonly #options: ReceiverOptions;
  readonly #pairings = new Map<string, Pairing>();
  #emit: ((observation: Observation) => void) | undefined;
  #decoder: GnssDecoder | undefined;
  #state = new ReceiverState();
  #telemetry = new TelemetryFold();
  #line: SerialLine | undefined;
  #setup: ReceiverSetup | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #reopen: NodeJS.Timeout | undefined;
  #reopenMillis = REOPEN_MILLIS_MIN;
  #looking: Promise<void> | undefined;
  #lastMessage: MonoInstant | undefined;
  #presence: Presence | undefined;
  #health: ReferenceHealth | undefined;
  #problem: ReceiverProblem | undefined;
  /** When each code last kept something from being used. Codes are a closed set. */
  readonly #refusedAt = new Map<Code, MonoInstant>();
  /** How often each did. */
  readonly refusals = new Map<Code, number>();

  constructor(needs: ReceiverNeeds, options: ReceiverOptions) {
    this.#needs = needs;
    this.#options = options;
    this.name = options.name;
  }

  get problem(): ReceiverProblem | undefined {
    return this.#problem;
  }

  /** Sky, radio and make as the receiver told them, for those who look. */
  telemetryAt(now: MonoInstant): ReceiverTelemetry {
    const problem = this.#problem;
    return {
      ...this.#telemetry.at(now),
      problem: problem && { code: problem.code, detail: problem.detail, age: since(now, problem.at) },
    };
  }

  /** Where the inputs that see this receiver's pulse put it. */
  readonly edges: EdgeSink = (edge: RawEdge | RawPulse): void => {
    if (this.#emit === undefined) return;
    const input = edge.kind === 'raw-edge' ? `${edge.source}#${edge.channel}` : edge.source;
    let pairing = this.#pairings.get(input);
    if (pairing === undefined) {
      if (this.#pairings.size >= LIMITS.receiverPulseInputsMax) return;
      pairing = new Pairing({ ...PAIRING_DEFAULTS, ...this.#options.pairing, reference: this.name });
      this.#pairings.set(input, pairing);
    }
    this.#take(pairing.takePulse(edge));
  };

  async start(emit: (observation: Observation) => void): Promise<void> {
    if (this.#emit !== undefined) return;
    this.#emit = emit;
    this.#ticker = setInterval(() => this.#tick(), TICK_MILLIS);
    await this.#look();
  }

  async stop(): Promise<void> {
    this.#emit = undefined;
    clearInterval(this.#ticker);
    clearTimeout(this.#reopen);
    // Closing first ends whatever a look still waits for; a line that opened meanwhile closes itself.
    await this.#line?.close();
    await this.#looking;
    this.#decoder = this.#line = this.#presence = this.#health = this.#lastMessage = undefined;
    this.#state = new ReceiverState();
    this.#pairings.clear();
    this.#refusedAt.clear();
  }

  /** One attempt to open the port; never rejects. */
  #look(): Promise<void> {
    this.#looking = this.#tryOpen().catch((error: unknown) => {
      const code = error instanceof AgentError ? error.code : 'receiver-port-failed';
      this.#present({ present: false, code }, error instanceof Error ? error.message : String(error));
      this.#lookAgain();
    });
    return this.#looking;
  }

  async #tryOpen(): Promise<void> {
    const { configure, receiverPort } = this.#options;
    const open = this.#needs.openLine ?? openSerialLine;
    const decoder = new GnssDecoder((received) => this.#receive(received));
    this.#decoder = decoder;
    const line = await open(this.#options, (bytes) => this.#push(decoder, bytes));
    if (this.#emit === undefined) return line.close();
    this.#line = line;
    this.#lastMessage = this.#needs.clock.now();
    void line.closed.then(() => this.#lost(line));
    if (!configure) return;
    this.#setup = new ReceiverSetup();
    // The receiver is read whatever it thinks of its configuration.
    await this.#setup.run(line, receiverPort).catch((error: unknown) => this.#report(error));
    this.#setup = undefined;
  }

  #lost(line: SerialLine): void {
    if (this.#line !== line) return;
    this.#line = undefined;
    this.#state = new ReceiverState();
    this.#telemetry = new TelemetryFold();
    if (this.#emit === undefined) return;
    this.#present({ present: false, code: 'receiver-port-lost' }, `${this.#options.path} was closed`);
    this.#tellHealth(this.#needs.clock.now());
    this.#lookAgain();
  }

  #lookAgain(): void {
    if (this.#emit === undefined) return;
    this.#reopen = setTimeout(() => void this.#look(), this.#reopenMillis);
    this.#reopenMillis = Math.min(2 * this.#reopenMillis, LIMITS.receiverReopenMillisMax);
  }

  #push(decoder: GnssDecoder, bytes: Uint8Array): void {
    // A chunk that was under way when the port was lost or the source stopped.
    if (decoder !== this.#decoder || this.#emit === undefined) return;
    decoder.push(bytes, this.#needs.clock.now());
    this.#tellHealth(this.#needs.clock.now());
  }

  #receive(received: ReceivedMessage): void {
    const { message, lastArrival } = received;
    this.#setup?.observe(message);
    if (message.type === 'malformed') return;
    this.#lastMessage = lastArrival;
    this.#reopenMillis = REOPEN_MILLIS_MIN;
    this.#present({ present: true, code: 'receiver-present' }, this.#options.path);
    this.#state.observe(received);
    this.#telemetry.observe(received);
    const rules = { ...this.#options.time, plausibleFrom: this.#needs.plausibleFrom() };
    const time = timeOfDayOf(received, this.#state, rules);
    if (time === undefined) return;
    if (time.kind === 'refusal') this.#refuse(time.code, `${time.source}: ${time.detail}`, time.lastArrival);
    else this.#label(time);
  }

  #label(time: TimeOfDay): void {
    for (const pairing of this.#pairings.values()) this.#take(pairing.takeTimeOfDay(time));
  }

  #take(outcomes: readonly PairingOutcome[]): void {
    for (const outcome of outcomes) {
      if (outcome.kind === 'pairing-note') this.#refuse(outcome.code, outcome.detail, outcome.at);
      else this.#emit?.(outcome);
    }
  }

  #refuse(code: Code, detail: string, at: MonoInstant): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
    const last = this.#refusedAt.get(code);
    this.#refusedAt.set(code, at);
    // Told once when it begins: a refusal each second is a state, not news, and two that take turns are two states.
    if (last === undefined || since(at, last) > NEWS_AFTER)
      this.#needs.log.write('info', 'receiver not believed', { source: this.name, code, detail });
    this.#problem = { code, detail, at };
  }

  #tick(): void {
    const now = this.#needs.clock.now();
    for (const pairing of this.#pairings.values()) this.#take(pairing.advance(now));
    this.#tellHealth(now);
    const isQuiet = this.#lastMessage !== undefined && since(now, this.#lastMessage) > SILENCE_MAX;
    if (this.#line !== undefined && isQuiet)
      this.#present({ present: false, code: 'receiver-silent' }, `nothing on ${this.#options.path}`);
  }

  /** Once a second while the receiver speaks, and at once when something changed, which includes falling silent. */
  #tellHealth(now: MonoInstant): void {
    const last = this.#health;
    const health = this.#state.health(this.name, now);
    const isNews = last === undefined || !isSameHealth(last, health);
    const isDue = last === undefined || since(now, last.at) >= HEALTH_EVERY;
    const isSpeaking = this.#lastMessage !== undefined && since(now, this.#lastMessage) < HEALTH_EVERY;
    if (!isNews && !(isDue && isSpeaking)) return;
    this.#health = health;
    this.#emit?.(health);
  }

  #present({ present, code }: Presence, detail: string): void {
    if (this.#presence?.code === code) return;
    this.#presence = { present, code };
    const level = present ? 'info' : 'warn';
    this.#needs.log.write(level, 'receiver presence', { source: this.name, code, detail, why: CODES[code].sentence });
    this.#emit?.({ kind: 'presence', source: this.name, at: this.#needs.clock.now(), present, code });
  }

  #report(error: unknown): void {
    if (!(error instanceof AgentError)) throw error;
    this.#refuse(error.code, error.message, this.#needs.clock.now());
  }
}

const SILENCE_MAX = millis(LIMITS.receiverSilenceMillisMax);
const HEALTH_EVERY = seconds(1);
/** A refusal that was not met for so long is told again. */
const NEWS_AFTER = seconds(60);

function isSameHealth(a: ReferenceHealth, b: ReferenceHealth): boolean {
  return (Object.keys(a) as (keyof ReferenceHealth)[]).every((field) => field === 'at' || a[field] === b[field]);
}
