/**
 * A value a receiver states together with its own word on whether it holds.
 *
 * Receivers send every field always and mark some as not valid. Dropping those would hide what was sent (an auditor wants
 * to see the cold-start date that was refused); leaving them beside the good ones invites their use. So the validity is in
 * the type: `value` exists only on a valid claim, and what was sent without validity is called `unverified`.
 */

export type Claim<T> = { readonly valid: true; readonly value: T } | { readonly valid: false; readonly unverified: T };

export function claim<T>(valid: boolean, value: T): Claim<T> {
  return valid ? { valid: true, value } : { valid: false, unverified: value };
}

/** The value if the receiver vouches for it. */
export function vouched<T>(stated: Claim<T>): T | undefined {
  return stated.valid ? stated.value : undefined;
}

/** What was sent, vouched for or not: for showing and comparing, never for deciding. */
export function asSent<T>(stated: Claim<T>): T {
  return stated.valid ? stated.value : stated.unverified;
}
