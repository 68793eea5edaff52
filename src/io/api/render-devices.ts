/** Devices as the JSON the API speaks: what was not said is null. */

import type { OscillatorView, ReceiverView, Said, SourceDetailView } from '../../ports/device-view.ts';
import type { ReferenceHealth } from '../../core/clock/observation.ts';
import { decimal, renderReason, renderSource } from './render.ts';

export function renderSourceDetail(view: SourceDetailView) {
  return {
    ...renderSource(view),
    reference: view.reference ?? null,
    guarantee_ns: decimal(view.guarantee),
    uncertainty_ns: decimal(view.uncertainty),
    budget: view.budget.map(({ term, nanos }) => ({ term, ns: nanos.toString() })),
    sets_interval: view.isSetter,
    reading_age_ns: decimal(view.readingAge),
    phase_ns: decimal(view.phase),
  };
}

export function renderReceiver({ name, distrust, presence, health, telemetry }: ReceiverView) {
  const { make, satellites, radio, problem } = telemetry ?? {};
  return {
    name,
    believed: distrust === undefined,
    reason: distrust === undefined ? null : renderReason(distrust),
    presence:
      presence === undefined
        ? null
        : {
            present: presence.value.present,
            reason: renderReason(presence.value.reason),
            age_ns: presence.age.toString(),
          },
    health: health === undefined ? null : renderHealth(health),
    make: make === undefined ? null : { ...make, extensions: [...make.extensions] },
    own_accuracy_ns: telemetry?.ownAccuracyNs ?? null,
    sky:
      satellites === undefined
        ? null
        : {
            age_ns: satellites.age.toString(),
            satellites: satellites.value.map((s) => ({
              gnss: s.gnss,
              satellite_id: s.satelliteId,
              elevation_deg: s.elevationDegrees ?? null,
              azimuth_deg: s.azimuthDegrees ?? null,
              cno_db_hz: s.cnoDbHz ?? null,
              used: s.isUsed,
            })),
          },
    radio:
      radio === undefined
        ? null
        : {
            age_ns: radio.age.toString(),
            blocks: radio.value.map((b) => ({
              block: b.blockId ?? null,
              jamming: b.jamming,
              antenna: b.antenna,
              antenna_power: b.antennaPower,
              noise_per_ms: b.noisePerMs,
              agc_count: b.agcCount,
              jamming_indicator: b.jammingIndicator,
            })),
          },
    problem:
      problem === undefined ? null : { code: problem.code, detail: problem.detail, age_ns: problem.age.toString() },
  };
}

function renderHealth({ value, age }: Said<ReferenceHealth>) {
  return {
    age_ns: age.toString(),
    fix: value.fix ?? null,
    time_valid: value.timeValid ?? null,
    tai_utc_s: value.taiUtcSeconds ?? null,
    leap_source: value.leapSource ?? null,
    satellites_used: value.satellitesUsed ?? null,
    antenna: value.antenna ?? null,
    jamming: value.jamming ?? null,
    spoofing: value.spoofing ?? null,
  };
}

export function renderOscillator(view: OscillatorView) {
  const { lock, told, card } = view;
  return {
    source: view.source,
    class: view.oscillator,
    rate_max_ppt: view.rateMax.toString(),
    aging_per_day_max_ppt: view.agingPerDayMax.toString(),
    rate_learned_ppt: decimal(view.rateLearned),
    locked: lock?.value.locked ?? null,
    temperature_milli_c: lock?.value.temperatureMilliC ?? null,
    said_age_ns: decimal(lock?.age),
    discipline_locked: told?.disciplineLocked ?? null,
    phase_ns: told?.phaseNs ?? null,
    alarms: told?.alarms === undefined ? null : [...told.alarms],
    card:
      card === undefined
        ? null
        : {
            name: card.name,
            serial: card.serial ?? null,
            clock_source: card.clockSource ?? null,
            pulse: card.pulse ?? null,
            servo_offset_ns: card.servoOffsetNs ?? null,
            servo_drift: card.servoDrift ?? null,
            utc_tai_offset_s: card.utcTaiOffsetSeconds ?? null,
            connectors: card.connectors.map(({ name, use }) => ({ name, use })),
          },
  };
}
