/**
 * `momentd devices`: what this host has to tell time with, how it is wired, what is usable and why not.
 *
 * Looks only: sysfs is read, clocks are opened read-only and read a few times, serial ports are not opened. `--json` gives
 * the same as data. Exit code 0 when at least one clock can be read, 1 when none can.
 */

import type { Command } from 'commander';

import { CODES } from '../core/codes.ts';
import { inspectDevices, type ClockReport, type DevicesReport } from './inspect-devices.ts';
import { EXIT, guarded, say, sayJson } from './outcome.ts';

type DevicesOptions = { readonly json?: true; readonly devRoot: string; readonly sysRoot: string };

export function addDevices(program: Command): void {
  program
    .command('devices')
    .description('show the clocks, pulse inputs and time cards of this host, and what can be used')
    .option('--json', 'answer in JSON')
    .option('--dev-root <folder>', 'where device files are looked for', '/dev')
    .option('--sys-root <folder>', 'where the kernel describes devices', '/sys')
    .action(guarded(showDevices));
}

async function showDevices({ json, devRoot, sysRoot }: DevicesOptions): Promise<void> {
  const report = await inspectDevices({ devRoot, sysRoot });
  if (!report.clocks.some(({ isUsable }) => isUsable)) process.exitCode = EXIT.no;
  if (json === true) return sayJson(report);
  for (const line of renderDevices(report)) say(line);
}

/** The report in an operator's words, one line each. */
export function renderDevices(report: DevicesReport): readonly string[] {
  return [
    ...addonLines(report),
    `PTP clocks (${report.clocks.length})`,
    ...(report.clocks.length === 0 ? ['  none: no driver on this host registers a PTP clock'] : []),
    ...report.clocks.flatMap(clockLines),
    `Pulse inputs (${report.pulses.length})`,
    ...(report.pulses.length === 0 ? ['  none'] : []),
    ...report.pulses.map(({ path, inputName, state }) => `  ${path}  ${inputName ?? 'unnamed'}  ${wordsOf(state)}`),
    `Time cards (${report.cards.length})`,
    ...(report.cards.length === 0 ? ['  none: no /sys/class/timecard here, so no driver ptp_ocp with a card'] : []),
    ...report.cards.flatMap(cardLines),
    'System clock',
    `  ${report.system.words}`,
  ];
}

function addonLines({ addon }: DevicesReport): readonly string[] {
  if (addon.loaded) return [];
  const tried = addon.attempts.map(({ path, problem }) => `  tried ${path}: ${problem}`);
  return [`The native addon is missing, so nothing can be opened: ${CODES['addon-not-loaded'].remedy}`, ...tried];
}

function clockLines(clock: ClockReport): readonly string[] {
  const where = clock.pciAddress === undefined ? (clock.parent ?? 'no parent device') : `PCI ${clock.pciAddress}`;
  const lines = [`  ${clock.path}  ${clock.clockName ?? 'unnamed'}  at ${where}  ${wordsOf(clock.state)}`];
  if (clock.isUsable) {
    lines.push(`    read by ${clock.method ?? '?'}, bracket ${clock.bracketNs ?? '?'} ns (best of ${clock.readings})`);
    if (clock.offsetSeconds !== undefined) lines.push(`    ${timescaleWords(clock.offsetSeconds)}`);
  }
  const inputs = clock.externalTimestamps ?? 0;
  lines.push(
    `    ${inputs} pulse inputs, ${clock.pins ?? 0} pins, ${clock.hasPps === true ? 'gives' : 'gives no'} PPS`,
  );
  if (clock.virtualOn !== undefined) lines.push(`    virtual, on top of ${clock.virtualOn}`);
  lines.push(`    in the configuration: device = "${selectorOf(clock)}"`);
  return lines;
}

/** How far the clock is from the system's UTC tells what it probably counts in; it is a hint and no proof. */
function timescaleWords(offsetSeconds: number): string {
  if (offsetSeconds === 0) return 'within half a second of the system clock: it seems to count UTC (not TAI)';
  if (offsetSeconds === 37) return '37 s ahead of the system clock: it seems to count TAI';
  return `${offsetSeconds} s from the system clock: neither UTC nor TAI, so it was probably never set`;
}

function selectorOf({ pciAddress, clockName, path }: ClockReport): string {
  if (pciAddress !== undefined) return `pci:${pciAddress}`;
  return clockName === undefined ? path : `name:${clockName}`;
}

function cardLines(card: DevicesReport['cards'][number]): readonly string[] {
  const lines = [
    `  ${card.name}  ${card.board ?? 'unknown board'}  serial ${card.serial ?? 'unknown'}  at ${card.pciAddress ?? 'no PCI address'}`,
    `    clock ${card.phc ?? 'unknown'}, pulse ${card.pps ?? 'not registered'}`,
    ...card.ports.map(
      ({ role, path, isIndependentOfClock }) =>
        `    ${role} port ${path}${isIndependentOfClock ? '' : ': the card talking about its own clock, no second witness'}`,
    ),
    `    clock source ${card.clockSource ?? 'unknown'}, ${pulseWords(card)}`,
  ];
  if (card.windowAdjust !== undefined)
    lines.push(`    the driver cuts ${card.windowAdjust} ns off each reading's window; momentd adds them back`);
  for (const { name, use } of card.connectors) lines.push(`    ${name}  ${use}`);
  return lines;
}

function pulseWords({ pulse }: DevicesReport['cards'][number]): string {
  switch (pulse?.kind) {
    case undefined:
      return 'no word on its pulse';
    case 'sync':
      return 'pulses arrive (this says nothing of a satellite fix)';
    case 'lost':
      return `pulses lost since ${pulse.since}`;
    case 'other':
      return `pulse state '${pulse.text}'`;
  }
}

function wordsOf(state: ClockReport['state']): string {
  return state === 'device-present' ? 'usable' : `NOT usable: ${CODES[state].sentence}; ${CODES[state].remedy}`;
}
