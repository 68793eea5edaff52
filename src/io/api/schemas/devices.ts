/** Schemas of the devices behind the time. */

import { BUDGET_TERMS } from '../../../core/clock/budget.ts';
import { OSCILLATORS } from '../../../core/clock/oscillator.ts';
import { LIMITS } from '../../../core/limits.ts';
import { countText, exactly, listOf, nanosecondsText, orNull, reasonSchema } from './common.ts';
import { sourceSchema } from './status.ts';

const text = { type: 'string' };
const ageText = { ...nanosecondsText, description: 'how long ago it was said, ns' };
const word = (...words: readonly string[]) => orNull({ type: 'string', enum: [...words] });
const budgetSchema = {
  type: 'array',
  items: exactly({ term: { type: 'string', enum: [...BUDGET_TERMS] }, ns: countText }),
};

export const sourcesSchema = exactly(
  {
    sources: listOf(
      exactly({
        ...sourceSchema.properties,
        reference: orNull({ ...text, description: 'the receiver whose health gates it' }),
        guarantee_ns: orNull(nanosecondsText),
        uncertainty_ns: orNull(nanosecondsText),
        budget: { ...budgetSchema, description: 'of this source alone; empty where it has no interval' },
        sets_interval: { type: 'boolean', description: 'one end of the agreed interval is this source’s' },
        reading_age_ns: orNull(ageText),
        phase_ns: orNull({ ...nanosecondsText, description: 'measured phase against its reference: no bound' }),
      }),
      LIMITS.clockSourcesMax,
    ),
  },
  'Each source by itself: its interval, what that is made of, and how it was judged.',
);

const satelliteSchema = exactly({
  gnss: text,
  satellite_id: { type: 'integer' },
  elevation_deg: orNull({ type: 'integer' }),
  azimuth_deg: orNull({ type: 'integer' }),
  cno_db_hz: orNull({ type: 'integer', description: 'null: not tracked' }),
  used: { type: 'boolean' },
});

const radioSchema = exactly({
  block: orNull({ type: 'integer' }),
  jamming: text,
  antenna: text,
  antenna_power: text,
  noise_per_ms: { type: 'integer' },
  agc_count: { type: 'integer', description: 'automatic gain control, 0 to 8191' },
  jamming_indicator: { type: 'integer', description: 'continuous-wave interference, 0 to 255' },
});

const healthSchema = exactly(
  {
    age_ns: ageText,
    fix: word('none', 'time-only', '2d', '3d'),
    time_valid: orNull({ type: 'boolean' }),
    tai_utc_s: orNull({ type: 'integer' }),
    leap_source: word('satellites', 'default', 'unknown', 'configured'),
    satellites_used: orNull({ type: 'integer' }),
    antenna: word('ok', 'short', 'open', 'unknown'),
    jamming: word('none', 'warning', 'critical', 'unknown'),
    spoofing: word('none', 'indicated', 'affirmed', 'unknown'),
  },
  'what the receiver says of itself; null: it did not say',
);

export const receiversSchema = exactly(
  {
    receivers: listOf(
      exactly({
        name: text,
        believed: { type: 'boolean' },
        reason: orNull({ ...reasonSchema, description: 'why it is not believed' }),
        presence: orNull(exactly({ present: { type: 'boolean' }, reason: reasonSchema, age_ns: ageText })),
        health: orNull(healthSchema),
        make: orNull(exactly({ software: text, hardware: text, extensions: { type: 'array', items: text } })),
        own_accuracy_ns: orNull({ type: 'integer', description: 'the receiver’s own idea: never believed' }),
        sky: orNull(exactly({ age_ns: ageText, satellites: listOf(satelliteSchema, LIMITS.gnssSatellitesMax) })),
        radio: orNull(exactly({ age_ns: ageText, blocks: listOf(radioSchema, LIMITS.gnssRadioBlocksMax) })),
        problem: orNull(
          exactly(
            { code: text, detail: text, age_ns: ageText },
            'what last kept a pulse or a time of day from being used',
          ),
        ),
      }),
      LIMITS.clockSourcesMax,
    ),
  },
  'Receivers, as far as they told: health, sky, radio, make. Null is what was not said.',
);

const cardSchema = exactly({
  name: text,
  serial: orNull(text),
  clock_source: orNull(text),
  pulse: orNull({ ...text, description: 'the driver’s supervision of its pulse input' }),
  servo_offset_ns: orNull({ type: 'integer' }),
  servo_drift: orNull({ type: 'integer' }),
  utc_tai_offset_s: orNull({ type: 'integer' }),
  connectors: listOf(exactly({ name: text, use: text }), 4),
});

export const oscillatorsSchema = exactly(
  {
    oscillators: listOf(
      exactly({
        source: text,
        class: { type: 'string', enum: Object.keys(OSCILLATORS) },
        rate_max_ppt: { ...countText, description: 'declared: what the class may drift undisciplined' },
        aging_per_day_max_ppt: countText,
        rate_learned_ppt: orNull({ ...nanosecondsText, description: 'the largest rate that what was measured allows' }),
        locked: orNull({ type: 'boolean', description: 'atomic lock, or the oven; null: not said' }),
        temperature_milli_c: orNull({ type: 'integer' }),
        said_age_ns: orNull(ageText),
        discipline_locked: orNull({ type: 'boolean' }),
        phase_ns: orNull({ type: 'number', description: 'as it measures it against its own pulse input' }),
        alarms: orNull({ type: 'array', items: text }),
        card: orNull(cardSchema),
      }),
      LIMITS.clockSourcesMax,
    ),
  },
  'Oscillators: what their class may drift, what was learned, what they say of themselves.',
);

const bytes = { type: 'integer', minimum: 0 };
const share = { type: 'number', minimum: 0 };

export const hostSchema = exactly(
  {
    uptime_s: share,
    processors: { type: 'integer' },
    load_1m: share,
    memory_bytes: bytes,
    memory_free_bytes: bytes,
    state_free_bytes: orNull({ ...bytes, description: 'on the disk of the state directory' }),
    process: exactly({
      uptime_s: share,
      cpu_s: share,
      resident_bytes: bytes,
      heap_bytes: bytes,
      descriptors: orNull({ type: 'integer' }),
      loop_busy_share: { ...share, description: 'of one core, since the last look' },
      loop_delay_p99_ms: { ...share, description: 'how late timers fire, since the last look' },
    }),
  },
  'What the host and the process have left.',
);
