/**
 * The temporal_* reads of a ROKO node, answered from what we can vouch for. What a ROKO node would say and we cannot is null:
 * its `timeQuality` has no published formula, and an offset needs a clock we do not steer. docs/api.md lists every field.
 *
 * Meanings follow the catalogue of public ROKO clients: instants are Unix nanoseconds as decimal text, tiers go by the root
 * distance (below 1 us Anchor, below 10 us Standard), for which our guarantee is a proven bound.
 */

import { CODES } from '../../core/codes.ts';
import { unreachable } from '../../core/assert.ts';
import type { AgentView, ClockStateName, TimeView } from '../../ports/view.ts';

/** What only a network knows; each part is undefined until there is one. */
export type RpcNetwork = {
  readonly peerCount: () => number;
  /** The instant a subject with this id got, Unix nanoseconds; undefined: it is not final here. */
  readonly subjectMoment: (id: Uint8Array) => Promise<bigint | undefined>;
  /** Nothing earlier than this can still become final, Unix nanoseconds; undefined: not known. */
  readonly watermark: () => bigint | undefined;
};

export type RpcNeeds = {
  readonly view: AgentView;
  /** Our place among the validators of the genesis record; undefined for one who only follows. */
  readonly ownIndex: number | undefined;
  readonly network: RpcNetwork | undefined;
};

export type RpcError = { readonly code: number; readonly message: string; readonly data?: object };
export type RpcOutcome = { readonly result: unknown } | { readonly error: RpcError };

/** Errors of ROKO's node for its consensus time. */
const NOT_INITIALISED = 40;
const CLOCK_ERROR = 41;
const INVALID_PARAMS = -32_602;

type Method = (needs: RpcNeeds, params: readonly unknown[]) => RpcOutcome | Promise<RpcOutcome>;

const METHODS: Readonly<
  Record<string, { readonly params: readonly [least: number, most: number]; readonly answer: Method }>
> = {
  temporal_getConsensusTime: { params: [0, 0], answer: ({ view, network }) => consensusTime(view.now(), network) },
  temporal_getMeshState: {
    params: [0, 0],
    answer: ({ view, network }) => ({ result: network === undefined ? null : meshState(view.now(), network) }),
  },
  temporal_getTransactionTimestamp: { params: [1, 1], answer: transactionTimestamp },
  // The optional block hash means nothing here: there is one watermark, that of now.
  temporal_getWatermarkInfo: { params: [0, 1], answer: ({ network }) => watermarkInfo(network) },
  temporal_getValidatorTimeQuality: { params: [1, 1], answer: validatorTimeQuality },
  temporal_getTemporalMetrics: { params: [0, 0], answer: temporalMetrics },
};

export const RPC_METHODS: readonly string[] = Object.keys(METHODS);

export async function callRpc(needs: RpcNeeds, method: string, params: readonly unknown[]): Promise<RpcOutcome> {
  const known = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  if (known === undefined) return { error: { code: -32_601, message: 'Method not found' } };
  const [least, most] = known.params;
  if (params.length < least || params.length > most)
    return invalid(`takes ${least === most ? least : `${least} to ${most}`} parameters`);
  return known.answer(needs, params);
}

function consensusTime(time: TimeView, network: RpcNetwork | undefined): RpcOutcome {
  if (time.nanoMoment === undefined) {
    const isStarting = time.state === 'acquiring';
    const { code, sentence, remedy } = time.reason;
    return {
      error: {
        code: isStarting ? NOT_INITIALISED : CLOCK_ERROR,
        message: isStarting ? 'time is not initialised yet' : 'there is no time to tell',
        data: { code, sentence, remedy },
      },
    };
  }
  return {
    result: {
      consensusTimeNs: time.nanoMoment.toString(),
      timeQuality: null,
      convergenceState: convergenceOf(time.state),
      peerCount: network?.peerCount() ?? null,
      consensusOffsetNs: null,
    },
  };
}

const meshState = (time: TimeView, network: RpcNetwork) => ({
  peerCount: network.peerCount(),
  timeQuality: null,
  convergenceState: convergenceOf(time.state),
});

async function transactionTimestamp({ network }: RpcNeeds, [hash]: readonly unknown[]): Promise<RpcOutcome> {
  if (typeof hash !== 'string' || !/^0x[0-9a-fA-F]{64}$/.test(hash)) return invalid('takes a hash of 32 bytes, 0x…');
  const moment = await network?.subjectMoment(Buffer.from(hash.slice(2), 'hex'));
  return { result: moment?.toString() ?? null };
}

function watermarkInfo(network: RpcNetwork | undefined): RpcOutcome {
  const watermark = network?.watermark();
  return { result: watermark === undefined ? null : { watermarkNs: watermark.toString() } };
}

/** Of ourselves we know it; what another validator says of itself is in its statements, and nobody's quality is a number. */
function validatorTimeQuality({ view, ownIndex }: RpcNeeds, [index]: readonly unknown[]): RpcOutcome {
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index > 0xffff_ffff)
    return invalid('takes an authority index');
  if (index !== ownIndex) return { result: null };
  const time = view.now();
  return {
    result: {
      authorityIndex: index,
      timeQuality: null,
      rootDistanceNs: time.guarantee?.toString() ?? null,
      tier: tierOf(time),
      convergenceState: convergenceOf(time.state),
    },
  };
}

function temporalMetrics({ view, network }: RpcNeeds): RpcOutcome {
  const { time, sources, lane, attesting, simulated } = view.status();
  const setBy = sources.filter(({ verdict }) => verdict === 'truechimer');
  return {
    result: {
      timeSourceType: setBy[0]?.kind ?? null,
      localRootDistanceNanoseconds: time.guarantee?.toString() ?? null,
      tier: tierOf(time),
      convergenceState: convergenceOf(time.state),
      timeQuality: null,
      peerCount: network?.peerCount() ?? null,
      sourceCount: sources.length,
      truechimerCount: setBy.length,
      statementCount: lane.size.toString(),
      isAttesting: attesting.reason === undefined,
      isSimulated: simulated,
    },
  };
}

/** ROKO's word for how far the time has come. Holdover is a time that still holds and gets worse: Degraded. */
function convergenceOf(state: ClockStateName): 'Initializing' | 'Converging' | 'Converged' | 'Degraded' {
  switch (state) {
    case 'acquiring':
      return 'Converging';
    case 'locked':
      return 'Converged';
    case 'holdover':
    case 'unsynchronized':
    case 'faulted':
      return 'Degraded';
    default:
      return unreachable(state);
  }
}

function tierOf({ guarantee }: TimeView): 'Anchor' | 'Standard' | 'Minimal' | null {
  if (guarantee === undefined) return null;
  return guarantee < 1_000n ? 'Anchor' : guarantee < 10_000n ? 'Standard' : 'Minimal';
}

const invalid = (message: string): RpcOutcome => ({
  error: { code: INVALID_PARAMS, message, data: { code: 'api-bad-request', ...CODES['api-bad-request'] } },
});
