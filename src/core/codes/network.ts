/** Codes of peers, subjects, cuts, orders and certificates. The rules of the table are in ../codes.ts. */

import type { CodeEntry } from './entry.ts';

export const NETWORK_CODES = {
  'certificate-epoch': {
    sentence: 'the statements of the certificate belong to different epochs',
    remedy: 'make the certificate again from one epoch',
  },
  'certificate-format': {
    sentence: 'the certificate does not have the fields it must have',
    remedy: 'compare it with docs/spec/certificate.md',
  },
  'certificate-lane-proof': {
    sentence: 'an entry of the certificate is not under the cut of its lane',
    remedy: 'make the certificate again from the lanes',
  },
  'certificate-lanes': {
    sentence: 'the certificate repeats a lane or lists lanes out of order',
    remedy: 'make the certificate again; each lane counts once',
  },
  'certificate-network': {
    sentence: 'the certificate belongs to another network',
    remedy: 'use the genesis record it was made for',
  },
  'certificate-order-entry': {
    sentence: 'the order entry contradicts the reports, the cut or itself',
    remedy: 'see which: its interval, slot, moment or subject',
  },
  'certificate-order-proof': {
    sentence: 'the order entry is not in the order the votes name',
    remedy: 'make the certificate again from the order log',
  },
  'certificate-report': {
    sentence: 'an entry of the certificate does not report its subject',
    remedy: 'make the certificate again from the lanes',
  },
  'certificate-reports-too-few': {
    sentence: 'fewer than a quorum of lanes report the subject',
    remedy: 'add the missing reports',
  },
  'certificate-too-long': {
    sentence: 'the certificate is longer than any can be',
    remedy: 'check that it is a certificate file',
  },
  'certificate-vote': {
    sentence: 'a vote of the certificate is not a vote for its cut',
    remedy: 'make the certificate again from the lanes',
  },
  'certificate-voters': {
    sentence: 'the certificate repeats a voter or lists voters out of order',
    remedy: 'make the certificate again; each validator counts once',
  },
  'certificate-votes-too-few': {
    sentence: 'fewer than a quorum of validators vote for the cut',
    remedy: 'add the missing votes',
  },
  'cut-lanes-format': {
    sentence: 'the lanes of a cut are not one size and root per validator',
    remedy: 'encode them as docs/spec/ordering.md says',
  },
  'cut-vote-early': {
    sentence: 'a validator voted on a slot before the slot had ended',
    remedy: 'see the clock of the voter',
  },
  'cut-vote-format': {
    sentence: 'a cut vote does not have the fields it must have',
    remedy: 'encode it as docs/spec/ordering.md says',
  },
  'cut-vote-subject': {
    sentence: 'the subject of a cut vote is not the hash of its body',
    remedy: 'encode it as docs/spec/ordering.md says',
  },
  'hello-format': {
    sentence: 'the hello record is not laid out as this network writes it',
    remedy: 'send one record as docs/spec/hello.md says',
  },
  'hello-identity': {
    sentence: 'the hello names another libp2p identity than the connection proved',
    remedy: 'make the record afresh for the identity in use',
  },
  'hello-key': {
    sentence: 'the key id of the hello is not that of the key it carries',
    remedy: 'sign the record with the key it carries',
  },
  'hello-missing': {
    sentence: 'the peer said nothing or no whole hello in time',
    remedy: 'see whether the other side speaks this protocol at all',
  },
  'hello-network': {
    sentence: 'the peer belongs to another network',
    remedy: 'give both the same genesis record',
  },
  'hello-not-validator': {
    sentence: 'the peer claims to be a validator and its key is not registered',
    remedy: 'use the genesis record the validator is in, or another role',
  },
  'hello-protocol': {
    sentence: 'the peer speaks no protocol version that we speak',
    remedy: 'upgrade the older of the two',
  },
  'hello-stale': {
    sentence: 'the time of the hello is too far from ours',
    remedy: 'see which of the two clocks is wrong',
  },
  'hello-too-long': {
    sentence: 'the hello record is longer than any can be',
    remedy: 'send one record as docs/spec/hello.md says',
  },
  'inbound-full': {
    sentence: 'more messages wait for their verdict than the bound allows',
    remedy: 'nothing to clear: what was dropped is fetched again',
  },
  'message-duplicate': {
    sentence: 'the message was seen before',
    remedy: 'nothing to clear: it arrives by several ways',
  },
  'message-future': {
    sentence: 'the message claims a time that lies ahead of ours',
    remedy: 'see which of the two clocks is wrong',
  },
  'message-stale': {
    sentence: 'the message is older than this network still acts on',
    remedy: 'nothing to clear: see the lane for what is old',
  },
  'message-unsolicited': {
    sentence: 'the message came by a way on which this peer has no business sending it',
    remedy: 'send only your own statements on a direct stream',
  },
  'network-identity': {
    sentence: 'the libp2p identity key cannot be read or made',
    remedy: 'see the path and its permissions; a new identity costs peers a new introduction, no statement',
  },
  'network-listen': {
    sentence: 'the peer-to-peer host cannot listen where it was told to',
    remedy: 'stop the other process or configure another address',
  },
  'order-entry-format': {
    sentence: 'an entry of the order does not have the fields it must have',
    remedy: 'fetch it again; in an agent of our own, as for order-log-differs',
  },
  'order-contradicted': {
    sentence: 'a decided cut is not the one our copies of the lanes give: we hold the losing branch of a fork',
    remedy:
      'stop the agent, move the copy of the forked lane (see the fault proofs) and <state_dir>/order away, start it again; where our lane is pruned, as for order-state-missing',
  },
  'order-log-damaged': {
    sentence: 'a file of the order log is missing, altered or inconsistent with its checkpoint',
    remedy:
      'stop the agent, move <state_dir>/order away, start it: it is made again from the lanes; where our lane is pruned, as for order-state-missing',
  },
  'order-log-differs': {
    sentence: 'the order log on disk is not the order that the stored lanes give',
    remedy:
      'stop the agent, move <state_dir>/order away, start it: it is made again from the lanes; where our lane is pruned, as for order-state-missing; keep it and report this',
  },
  'order-snapshot-format': {
    sentence: 'the snapshot of the order does not read: another format, or altered',
    remedy: 'none is needed: the order is made from the lanes, and a new snapshot written',
  },
  'order-snapshot-signature': {
    sentence: 'the snapshot of the order does not carry the signature of this key',
    remedy: 'none is needed; if nobody touched <state_dir>/order/snapshot, look at the disk',
  },
  'order-snapshot-stale': {
    sentence: 'the snapshot of the order does not go with the lanes and the order log here',
    remedy: 'none is needed: the order is made from the lanes; lanes or log were put back from another time',
  },
  'order-state-missing': {
    sentence: 'the lane was pruned and where the order stood then is not kept, so the order cannot go on',
    remedy:
      'put <state_dir>/order back; or move <state_dir>/lane away, momentd lane import the whole copy that a peer keeps of it, and start: the order is made again',
  },
  'order-state-wrong': {
    sentence: 'where the order is said to have stood is not what the lanes and the order log here say',
    remedy:
      'put back the lanes and the order log that belong to <state_dir>/order/snapshot; or move <state_dir>/order away and go on as for order-state-missing',
  },
  'peer-banned': {
    sentence: 'the peer is banned for its conduct',
    remedy: 'wait until the ban runs out, or allow-list the peer',
  },
  'peer-no-answer': {
    sentence: 'the peer did not answer the request as it must, or not in time',
    remedy: 'ask another peer',
  },
  'peer-over-quota': {
    sentence: 'the peer sends more than its quota',
    remedy: 'send less; the quotas stand in docs/spec/network.md',
  },
  'peer-time-apart': {
    sentence: 'the interval of a validator lies outside what enough others agree on',
    remedy: 'compare the clocks of both; the evidence names each answer',
  },
  'peer-unknown': {
    sentence: 'the peer is not connected or has not said hello',
    remedy: 'connect to it first',
  },
  'pool-full': {
    sentence: 'the pool is full and holds nothing of lower priority',
    remedy: 'wait until some subjects are final, or submit with a higher priority',
  },
  'pool-origin-full': {
    sentence: 'the peer or client has as many subjects waiting as one may have',
    remedy: 'wait until some are final',
  },
  'range-unavailable': {
    sentence: 'nobody who is connected has that part of the lane',
    remedy: 'wait for a peer that has it, or ask an archive',
  },
  'receipt-format': {
    sentence: 'a receipt does not have the fields it must have',
    remedy: 'compare it with docs/spec/certificate.md',
  },
  'receipt-proof': {
    sentence: 'the report of the receipt is not among those its statement was signed over',
    remedy: 'get the receipt again from the validator',
  },
  'request-format': {
    sentence: 'a request is not laid out as this network writes it',
    remedy: 'send requests as docs/spec/network.md says',
  },
  'subject-format': {
    sentence: 'a subject record does not have the fields it must have',
    remedy: 'encode it as docs/spec/ordering.md says',
  },
  'subject-known': {
    sentence: 'the subject is known here already',
    remedy: 'nothing to clear: ask for its position in the order',
  },
  'subject-network': {
    sentence: 'the subject was made for another network',
    remedy: 'make it with the genesis record of this network',
  },
  'subject-no-time': {
    sentence: 'this validator has no interval at present in which it could have seen the subject',
    remedy: 'read its status; submit to another validator, or again once it tells time',
  },
  'subject-outside-window': {
    sentence: 'the time the subject claims is too far from now for validators to report it',
    remedy: 'submit it again with a present time',
  },
  'subject-time-taken': {
    sentence: 'the sender already has a subject of that nanosecond',
    remedy: 'claim another nanosecond',
  },
  'validator-at-fault': {
    sentence: 'a validator signed things that contradict each other',
    remedy: 'fetch the proof and decide with the other operators what becomes of the validator',
  },
} as const satisfies Record<string, CodeEntry>;
