/** Codes of devices and receivers. The rules of the table are in ../codes.ts. */

import type { CodeEntry } from './entry.ts';

export const DEVICE_CODES = {
  'decode-input-unreadable': {
    sentence: 'the recording cannot be read',
    remedy: 'give the path of a readable file, or - for standard input',
  },
  'device-absent': {
    sentence: 'there is no device at the configured place',
    remedy: "plug it in, load its driver, or correct the source's device; the agent keeps looking",
  },
  'device-ambiguous': {
    sentence: 'more than one device fits what the configuration names',
    remedy: 'name the device by its PCI address',
  },
  'device-busy': {
    sentence: 'the device was busy each time it was asked',
    remedy: 'find the other program that holds it; the agent keeps trying',
  },
  'device-changed': {
    sentence: "another device stands at the path where the source's device was",
    remedy: 'name the device by its PCI address, or restart the agent if the exchange was meant',
  },
  'device-forbidden': {
    sentence: 'the agent may not open the device',
    remedy: "give the agent's user access with a udev rule, and name the device in DeviceAllow of the unit",
  },
  'device-io-error': {
    sentence: 'the driver answered a reading with an error',
    remedy: 'look at the kernel log for the device; the agent keeps trying',
  },
  'device-present': {
    sentence: 'the device answers',
    remedy: 'none is needed',
  },
  'device-removed': {
    sentence: 'the device went away while it was open',
    remedy: 'put it back; the agent keeps looking and goes on by itself',
  },
  'device-timeout': {
    sentence: 'the device did not answer in time',
    remedy: 'look at the kernel log for the device; the agent keeps trying',
  },
  'device-unsupported': {
    sentence: 'the driver has none of the calls that read this clock',
    remedy: 'use a driver that reads its clock, or take the source out of the configuration',
  },
  'frame-format': {
    sentence: 'a frame is not laid out as this network writes it',
    remedy: 'send frames as docs/spec/network.md says',
  },
  'frame-item-length': {
    sentence: 'an item of a frame is empty or longer than its kind allows',
    remedy: 'send items as docs/spec/network.md says',
  },
  'frame-kind': {
    sentence: 'a frame is of a kind this program does not know, or not the one its topic carries',
    remedy: 'use a release that knows it',
  },
  'frame-too-long': {
    sentence: 'a frame is longer than any can be',
    remedy: 'send frames as docs/spec/network.md says',
  },
  'pairing-confirming': {
    sentence: 'pulse and time of day agree, but not yet often enough in a row to be believed',
    remedy: 'wait some seconds; after a contradiction, half a minute',
  },
  'pairing-edge-late': {
    sentence: 'the host learned of an edge too late to say which time of day belongs to it',
    remedy: 'check the load of the host',
  },
  'pairing-no-pulse': {
    sentence: 'a time of day came and no pulse it could label',
    remedy: 'check the pulse wiring',
  },
  'pairing-no-tod': {
    sentence: 'a pulse came and no time of day named its second',
    remedy: 'check the serial line and which messages the receiver sends',
  },
  'pairing-pulse-irregular': {
    sentence: 'a pulse came that is not a whole number of seconds after the others',
    remedy: 'check the pulse wiring and that the receiver sends one pulse a second',
  },
  'pairing-pulse-missed': {
    sentence: 'one or more pulses are missing before this one',
    remedy: 'check the pulse wiring',
  },
  'pairing-second-skipped': {
    sentence: 'the second named for this pulse does not follow from the earlier one and the time between',
    remedy: 'nothing, if it stays alone; otherwise restart the receiver and check the line for delays',
  },
  'pairing-tod-disagree': {
    sentence: 'two times of day name different seconds for one pulse',
    remedy: 'check the receiver; compare its messages with momentd decode',
  },
  'pairing-tod-late': {
    sentence: 'a time of day came outside the time after its pulse in which it proves anything',
    remedy: 'raise the baud rate or send fewer messages; check for a stalled host',
  },
  'pairing-tod-repeated': {
    sentence: 'the receiver names for this pulse the second it named for an earlier one',
    remedy: 'restart the receiver',
  },
  'receiver-config-refused': {
    sentence: 'the receiver refused the configuration it was asked to take',
    remedy: 'check that its firmware has configuration keys (u-blox generation 9 or later); set it by hand otherwise',
  },
  'receiver-config-unanswered': {
    sentence: 'the receiver did not answer the configuration it was sent',
    remedy: 'check the transmit line to the receiver and that its port accepts UBX',
  },
  'receiver-port-absent': {
    sentence: 'there is no device at the configured path of the receiver',
    remedy: 'check the cable and the path; the agent keeps looking',
  },
  'receiver-port-failed': {
    sentence: 'the serial port of the receiver cannot be opened or read',
    remedy: 'check the permissions of the device and its cable; the agent keeps trying',
  },
  'receiver-port-held': {
    sentence: 'another process has the serial port open',
    remedy: 'stop the process that is named, or read the receiver through it',
  },
  'receiver-port-lost': {
    sentence: 'the serial port of the receiver went away while it was read',
    remedy: 'check the cable and the power of the receiver; the agent keeps looking',
  },
  'receiver-present': {
    sentence: 'the receiver answers',
    remedy: 'nothing to clear',
  },
  'receiver-silent': {
    sentence: 'the serial port is open and no message of the receiver arrives',
    remedy: 'check the baud rate, the cable and which messages the receiver sends',
  },
  'receiver-stuck': {
    sentence: "the reference repeats a second, or its labels go back, while the device's clock runs on",
    remedy: 'restart the receiver',
  },
  'tod-date-impossible': {
    sentence: 'the receiver names a date or time of day that does not exist',
    remedy: 'check the line for bit errors; otherwise restart the receiver',
  },
  'tod-inaccurate': {
    sentence: 'the receiver admits that its time is off by more than a millisecond',
    remedy: 'wait for it to resolve time; check antenna and sky view',
  },
  'tod-off-second': {
    sentence: 'the receiver names an instant that is not on a whole second, so it labels no pulse',
    remedy: 'set the receiver to one navigation epoch and one pulse a second, aligned to the second',
  },
  'tod-time-base-unknown': {
    sentence: 'the receiver does not say which time base its pulse follows',
    remedy: 'align the pulse to GPS, Galileo, BeiDou, GLONASS or UTC',
  },
} as const satisfies Record<string, CodeEntry>;
